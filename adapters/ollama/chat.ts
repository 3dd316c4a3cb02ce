import type { Dispatcher } from 'undici';
import type { Description } from '../../domain/description.ts';
import { ConfigError, isDomainError, PermanentError, TransientError } from '../../domain/errors.ts';
import type { VisionCall } from '../../domain/ports.ts';
import type { VisionHost } from '../../domain/vision-host.ts';
import { type ChatAnswer, createChatAnswer } from './chat-answer.ts';
import { bodyText, type Connections, firstHeader } from '../vision-http/connections.ts';
import { faultOf, nonsense } from './faults.ts';
import { limitFault } from '../vision-http/limit-fault.ts';
import { type RunningLimits, startLimits } from '../vision-http/limits.ts';
import { LineTooLong, readLines } from '../vision-http/lines.ts';
import { networkFault } from '../vision-http/network-faults.ts';

/** The end of the body follows the last line at once; waiting for it keeps the connection usable. */
const endOfBodyMs = 1_000;
/** Inside a JSON string its quotes would be escaped, so no prompt can contain it. */
const pictureSlot = '"images":[""]';

/** One `/api/chat` call. Throws the domain errors, or the reason of `call.signal` where the caller canceled. */
export async function chat(connections: Connections, host: VisionHost, call: VisionCall): Promise<Description> {
  call.signal.throwIfAborted();
  const started = performance.now();
  const { label } = host;
  const answer = createChatAnswer(label, call.model);
  const running = startLimits(host.limits, call.signal);
  try {
    const body = requestBody(host, call);
    const response = await connections.request(host, {
      method: 'POST',
      path: '/api/chat',
      body,
      signal: running.signal,
    });
    await readAnswer({ host: label, model: call.model, response, answer, running, onPiece: call.onPiece });
    const simulated = firstHeader(response.headers, 'x-darkroom-simulated') === '1';
    const totalMs = Math.round(performance.now() - started);
    return { ...answer.description({ simulated, totalMs }), model: call.canonical ?? call.model };
  } catch (error) {
    throw whatHappened({ error, host, call, answer, running });
  } finally {
    running.stop();
  }
}

/**
 * Every call to a host carries the same options: Ollama loads a model again when they differ. `think` left out means
 * thinking on, `num_predict` 0 means without end.
 */
function requestBody({ keepAlive, options: more }: VisionHost, { model, prompt, jpeg, recipe, conditions }: VisionCall): Buffer {
  const { seed, temperature, numPredict, repeatPenalty } = conditions;
  if (numPredict < 1) {
    throw new ConfigError(
      'BadConfig',
      'VISION_NUM_PREDICT must be at least 1: 0 means an answer without end to Ollama.',
    );
  }
  const options = {
    num_ctx: recipe.numCtx,
    num_predict: numPredict,
    temperature,
    seed,
    ...(repeatPenalty === undefined ? {} : { repeat_penalty: repeatPenalty }),
    ...more,
  };
  const messages = [{ role: 'user', content: prompt, images: [''] }];
  const json = JSON.stringify({ model, messages, think: false, stream: true, keep_alive: keepAlive, options });
  // The picture is put in as bytes: escaping and encoding 300 KB of base64 as text took 0.4 ms of a call's 1.9.
  const at = json.indexOf(pictureSlot) + pictureSlot.length - 2;
  return Buffer.concat([Buffer.from(json.slice(0, at)), base64Bytes(jpeg), Buffer.from(json.slice(at))]);
}

/** A multiple of three, so that no piece but the last is padded. */
const base64Step = 48 * 1024;

/**
 * Base64 as bytes, piece by piece: as one string it would be a large object of the heap, and each 15 MB of those made V8
 * mark all of it (35 times in 200 photos).
 */
function base64Bytes(bytes: Buffer): Buffer {
  const encoded = Buffer.allocUnsafe(Math.ceil(bytes.length / 3) * 4);
  for (let from = 0, to = 0; from < bytes.length; from += base64Step) {
    to += encoded.write(bytes.toString('base64', from, from + base64Step), to, 'latin1');
  }
  return encoded;
}

async function readAnswer(reading: {
  host: string;
  model: string;
  response: Dispatcher.ResponseData;
  answer: ChatAnswer;
  running: RunningLimits;
  onPiece: VisionCall['onPiece'];
}): Promise<void> {
  const { host, model, response, answer, running, onPiece } = reading;
  const { statusCode: status, headers } = response;
  if (status < 200 || status > 299) {
    const body = await bodyText(response.body);
    const retryAfter = firstHeader(headers, 'retry-after');
    throw faultOf({
      host,
      model,
      status,
      body,
      retryAfter,
      now: Date.now(),
      location: firstHeader(headers, 'location'),
    });
  }
  try {
    for await (const line of readLines(response.body)) {
      if (answer.done()) continue;
      const piece = answer.take(line);
      running.progressed();
      if (answer.done()) running.finishWithin(endOfBodyMs);
      if (piece !== '') onPiece?.(piece);
    }
  } catch (error) {
    // What comes after `done: true` cannot take the answer away, and it was paid for.
    if (!answer.done()) throw error;
  }
  if (!answer.done()) throw unfinished(host, answer, headers);
}

/**
 * The body ended cleanly without `done: true`. Ollama does that after 31 equal pieces in a row: the photo's model loops.
 * Where nothing frames the body (no length, no chunks) a dying host looks the same, so there the host is blamed.
 */
function unfinished(host: string, answer: ChatAnswer, headers: Dispatcher.ResponseData['headers']): Error {
  if (!answer.begun()) return nonsense(host, 'it ended its answer before it began');
  const framed = headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined;
  return framed
    ? new PermanentError('AnswerLooped', `${host} cut the answer off because the model repeated itself.`, { host })
    : new TransientError('HostFailed', `${host} broke off in the middle of its answer.`);
}

function whatHappened(what: {
  error: unknown;
  host: VisionHost;
  call: VisionCall;
  answer: ChatAnswer;
  running: RunningLimits;
}): unknown {
  const {
    error,
    host: { label: host, limits },
    call,
    answer,
    running,
  } = what;
  const limit = running.reached();
  if (limit !== undefined) return limitFault(host, limit, limits, answer.begun());
  if (call.signal.aborted) return call.signal.reason;
  if (isDomainError(error)) return error;
  if (error instanceof LineTooLong) return nonsense(host, `it sends ${error.message}`);
  return networkFault(host, error, answer.begun() ? 'in the middle of its answer' : 'before it answered');
}
