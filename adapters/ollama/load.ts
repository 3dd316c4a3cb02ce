import { isDomainError, TransientError } from '../../domain/errors.ts';
import type { VisionHost } from '../../domain/vision-host.ts';
import { bodyText, type Connections, hostPath } from '../vision-http/connections.ts';
import { faultOf } from '../vision-http/faults.ts';
import { limitFault } from '../vision-http/limit-fault.ts';
import { startLimits } from '../vision-http/limits.ts';
import { networkFault } from '../vision-http/network-faults.ts';
import { refusal } from '../vision-http/streamed-call.ts';
import { runnerOptions } from './chat.ts';
import { ollamaKind } from './kind.ts';

export interface Loading {
  readonly host: VisionHost;
  readonly model: string;
  readonly numCtx: number;
  readonly signal: AbortSignal;
}

/**
 * Has the model loaded by empty messages (`done_reason` load), with the options of the calls: Ollama would load it again for
 * others. Harmless where it is loaded. Does nothing where the person has models unloaded at once: keep_alive 0 with empty
 * messages means to unload.
 */
export async function load(connections: Connections, { host, model, numCtx, signal }: Loading): Promise<void> {
  const { label, limits, keepAlive } = host;
  if (keepsNothing(keepAlive)) return;
  signal.throwIfAborted();
  const running = startLimits({ ...limits, firstByteMs: limits.loadMs, overallMs: limits.loadMs }, signal);
  try {
    const options = runnerOptions(host, numCtx);
    const body = JSON.stringify({ model, messages: [], stream: false, keep_alive: keepAlive, options });
    const path = hostPath(host, '/api/chat');
    const response = await connections.request(host, { method: 'POST', path, body, signal: running.signal });
    if (response.status < 200 || response.status > 299) {
      throw withoutPhoto(faultOf(ollamaKind, await refusal(label, model, response)));
    }
    await bodyText(response.body);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (isDomainError(error)) throw error;
    if (running.reached() !== undefined) throw limitFault(label, 'load', limits, false);
    throw networkFault(ollamaKind, label, error, 'while it loaded the model');
  } finally {
    running.stop();
  }
}

/** `0`, `0s`, `0m0s`. */
export const keepsNothing = (keepAlive: string | number): boolean =>
  /^0+(\.0*)?([a-zµ]+|$)(0+[a-zµ]+)*$/.test(`${keepAlive}`);

/** No photo was sent, so none can have made it fail. */
const withoutPhoto = (error: unknown): unknown =>
  error instanceof TransientError && error.code === 'HostFailed'
    ? new TransientError('HostBroke', `While it loaded the model: ${error.message}`, { cause: error })
    : error;
