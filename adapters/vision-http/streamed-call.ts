import type { Description } from '../../domain/description.ts';
import { type DomainError, isDomainError, PermanentError, type TokenUsage } from '../../domain/errors.ts';
import type { VisionCall } from '../../domain/host-ports.ts';
import { createRepetitionGuard } from '../../domain/repetition.ts';
import type { VisionHost } from '../../domain/vision-host.ts';
import { bodyText, type Connections, firstHeader, type Headers, type HostResponse } from './connections.ts';
import { faultOf, type HostKind, nonsense } from './faults.ts';
import { limitFault } from './limit-fault.ts';
import { type RunningLimits, startLimits } from './limits.ts';
import { type Line, LineTooLong, readLines } from './lines.ts';
import { networkFault } from './network-faults.ts';

/** What one line of a body holds. */
export interface Heard {
  /** Text of the answer. */
  readonly piece: string;
  /** Text that is not of the answer: what the model thinks. It may loop just as well. */
  readonly thought: string;
  /** The model is at work: from the first such line on the idle limit counts. A proxy's keep-alive comment says nothing. */
  readonly alive: boolean;
}

/** Puts an answer together, line by line. */
export interface StreamedAnswer {
  /** Throws where the line is an error, or nothing that this kind of host sends. */
  take(line: Line): Heard;
  /** Anything of an answer has come. */
  begun(): boolean;
  /** The answer is whole: nothing that follows can take it away. A status 200 does not say so, nor does the end of the body. */
  complete(): boolean;
  /** Nothing more is to be read. */
  ended(): boolean;
  /** What the host has said so far of the tokens that it bills. */
  usage(): TokenUsage;
  /** What it means that the body ended cleanly with the answer begun and not complete. */
  unfinished(headers: Headers): DomainError;
  /** The finished answer. Throws PermanentError EmptyAnswer or Refused where there is nothing to read in it. */
  description(about: { simulated: boolean; totalMs: number }): Description;
}

export interface StreamedCall {
  readonly kind: HostKind;
  readonly path: string;
  readonly body: Buffer;
  readonly answer: StreamedAnswer;
}

/** The end of the body follows the last line at once; waiting for it keeps the connection usable. */
const endOfBodyMs = 1_000;
/** Some hosts count tokens after the answer is whole. */
const afterAnswerMs = 5_000;

/** Sends one call and reads its answer. Throws the domain errors, or the reason of `call.signal` where the caller canceled. */
export async function streamedCall(
  connections: Connections,
  host: VisionHost,
  call: VisionCall,
  { kind, path, body, answer }: StreamedCall,
): Promise<Description> {
  call.signal.throwIfAborted();
  const started = performance.now();
  const running = startLimits(host.limits, call.signal);
  try {
    const response = await connections.request(host, { method: 'POST', path, body, signal: running.signal });
    if (response.status < 200 || response.status > 299) {
      throw faultOf(kind, await refusal(host.label, call.model, response));
    }
    await readAnswer({ kind, host: host.label, response, answer, running, onPiece: call.onPiece });
    const simulated = firstHeader(response.headers, 'x-darkroom-simulated') === '1';
    const totalMs = Math.round(performance.now() - started);
    return { ...answer.description({ simulated, totalMs }), model: call.canonical ?? call.model };
  } catch (error) {
    throw whatHappened({ error, kind, host, call, answer, running });
  } finally {
    running.stop();
  }
}

/** What `faultOf` wants to know. Where the body breaks off, the status says enough. */
export async function refusal(host: string, model: string, { status, headers, body }: HostResponse) {
  return {
    host,
    model,
    status,
    body: await bodyText(body).catch(() => ''),
    retryAfter: firstHeader(headers, 'retry-after'),
    retryAfterMs: firstHeader(headers, 'retry-after-ms'),
    location: firstHeader(headers, 'location'),
    now: Date.now(),
  };
}

async function readAnswer(reading: {
  kind: HostKind;
  host: string;
  response: HostResponse;
  answer: StreamedAnswer;
  running: RunningLimits;
  onPiece: VisionCall['onPiece'];
}): Promise<void> {
  const { kind, host, response, answer, running, onPiece } = reading;
  const guard = createRepetitionGuard();
  let loops = false;
  try {
    for await (const line of readLines(response.body)) {
      if (answer.ended()) continue;
      const { piece, thought, alive } = answer.take(line);
      if (alive) running.progressed();
      if (answer.complete()) running.finishWithin(answer.ended() ? endOfBodyMs : afterAnswerMs);
      loops = guard.loops(thought + piece);
      // Leaving the loop destroys the body, which closes the connection, which frees the host's slot.
      if (loops) break;
      if (piece !== '') onPiece?.(piece);
    }
  } catch (error) {
    // What comes after a whole answer cannot take it away, and it was paid for.
    if (!answer.complete()) throw error;
  }
  if (loops) {
    const message = `${host} repeated itself without end.`;
    throw new PermanentError('AnswerLooped', message, { host, usage: answer.usage() });
  }
  if (answer.complete()) return;
  throw answer.begun()
    ? answer.unfinished(response.headers)
    : nonsense(kind, host, 'it ended its answer before it began');
}

function whatHappened(what: {
  error: unknown;
  kind: HostKind;
  host: VisionHost;
  call: VisionCall;
  answer: StreamedAnswer;
  running: RunningLimits;
}): unknown {
  const { error, kind, call, answer, running } = what;
  const { label: host, limits } = what.host;
  if (call.signal.aborted) return call.signal.reason;
  // Before the limits: one that was reached after the answer was whole, or while an error page was read, decides nothing.
  if (isDomainError(error)) return error;
  const limit = running.reached();
  if (limit !== undefined) return limitFault(host, limit, limits, answer.begun());
  if (error instanceof LineTooLong) return nonsense(kind, host, `it sends ${error.message}`);
  return networkFault(kind, host, error, answer.begun() ? 'in the middle of its answer' : 'before it answered');
}
