import type { VisionHost } from '../../domain/vision-host.ts';
import { bodyText, type Connections, firstHeader } from '../vision-http/connections.ts';
import { startLimits } from '../vision-http/limits.ts';
import { networkFault } from '../vision-http/network-faults.ts';
import { limitFault } from '../vision-http/limit-fault.ts';
import { faultOf } from './faults.ts';

/** Empty messages load a model and answer nothing (`done_reason` load). Harmless where it is loaded already. */
export async function load(
  connections: Connections,
  host: VisionHost,
  model: string,
  signal: AbortSignal,
): Promise<void> {
  const { label, limits, keepAlive } = host;
  const running = startLimits({ ...limits, firstByteMs: limits.loadMs, overallMs: limits.loadMs }, signal);
  try {
    const body = JSON.stringify({ model, messages: [], keep_alive: keepAlive });
    const response = await connections.request(host, { method: 'POST', path: '/api/chat', body, signal: running.signal });
    const text = await bodyText(response.body);
    const { statusCode: status, headers } = response;
    if (status >= 200 && status <= 299) return;
    throw faultOf({ host: label, model, status, body: text, retryAfter: firstHeader(headers, 'retry-after'), now: Date.now() });
  } catch (error) {
    const limit = running.reached();
    if (limit !== undefined) throw limitFault(label, 'load', limits, false);
    signal.throwIfAborted();
    throw networkFault(label, error, 'while it loaded the model');
  } finally {
    running.stop();
  }
}
