import type { Description } from '../../domain/description.ts';
import type { HostProbe, VisionCall } from '../../domain/host-ports.ts';
import type { VisionHost } from '../../domain/vision-host.ts';

/** What a kind of host speaks. Throws as `VisionModel` does. */
export interface VisionClient {
  describe(host: VisionHost, call: VisionCall): Promise<Description>;
  probe(host: VisionHost, model: string, signal: AbortSignal): Promise<HostProbe>;
  load(host: VisionHost, model: string, numCtx: number, signal: AbortSignal): Promise<void>;
}
