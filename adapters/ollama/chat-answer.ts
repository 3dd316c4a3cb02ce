import { z } from 'zod';
import type { Description } from '../../domain/description.ts';
import { PermanentError, TransientError } from '../../domain/errors.ts';
import type { Recipe } from '../../domain/recipe.ts';
import { emptyAnswer, keptCharacters, readable, tokenCount, tokenUsage } from '../vision-http/answer.ts';
import { excerpt, parseJson } from '../vision-http/error-text.ts';
import { faultOf, nonsense } from '../vision-http/faults.ts';
import type { Line } from '../vision-http/lines.ts';
import type { StreamedAnswer } from '../vision-http/streamed-call.ts';
import { ollamaKind } from './kind.ts';

/** In nanoseconds; for information, as counts are: an odd one must not cost a finished answer. */
const duration = z.number().nonnegative().optional().catch(undefined);

const chatLine = z.object({
  error: z.unknown().optional(),
  message: z.object({ content: z.string().optional(), thinking: z.string().optional() }).optional(),
  done: z.boolean().optional(),
  done_reason: z.string().optional().catch(undefined),
  load_duration: duration,
  prompt_eval_count: tokenCount,
  eval_count: tokenCount,
  eval_duration: duration,
});
type ChatLine = z.infer<typeof chatLine>;

interface About {
  readonly host: string;
  readonly model: string;
  readonly output: Recipe['output'];
}

/** Puts an answer of Ollama's together: complete with `done: true` only. */
export function createChatAnswer({ host, model, output }: About): StreamedAnswer {
  let text = '';
  let thoughts = '';
  let begun = false;
  let last: ChatLine | undefined;
  const usage = () => tokenUsage(last?.prompt_eval_count, last?.eval_count);
  return {
    take(line) {
      const parsed = parseLine(host, line, begun);
      if (parsed.error !== undefined) throw faultOf(ollamaKind, { host, model, status: 500, body: line.text, now: 0 });
      begun = true;
      const { content: piece = '', thinking: thought = '' } = parsed.message ?? {};
      if (text.length < keptCharacters) text += piece;
      if (thoughts.length < keptCharacters) thoughts += thought;
      if (parsed.done === true) last = parsed;
      return { piece, thought, alive: true };
    },
    begun: () => begun,
    complete: () => last !== undefined,
    ended: () => last !== undefined,
    usage,
    /**
     * Ollama cuts an answer off after 31 equal pieces in a row: the photo's model loops. Where nothing frames the body (no
     * length, no chunks) a dying host looks the same, so there the host is blamed.
     */
    unfinished: (headers) =>
      headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined
        ? new PermanentError('AnswerLooped', `${host} cut the answer off because the model repeated itself.`, { host })
        : new TransientError('HostBroke', `${host} broke off in the middle of its answer.`),
    description({ simulated, totalMs }) {
      // A constrained answer of a model that thinks may stand where its thoughts do (ollama.md, section 3).
      const said =
        readable(text, output) ?? (output === 'json' && text === '' ? readable(thoughts, output) : undefined);
      if (said !== undefined) return { ...said, model, host, simulated, totalMs, ...usage(), ...durations(last) };
      const ended = last?.done_reason;
      const thought = thoughts !== '';
      throw emptyAnswer({ host, model, output, text, thought, cutOff: ended === 'length', ended, usage: usage() });
    },
  };
}

function parseLine(host: string, line: Line, begun: boolean): ChatLine {
  const { success, data } = chatLine.safeParse(parseJson(line.text));
  if (success && (data.error !== undefined || data.message !== undefined || data.done !== undefined)) return data;
  if (begun && !line.closed) {
    throw new TransientError('HostBroke', `${host} broke off in the middle of a line of its answer.`);
  }
  throw nonsense(ollamaKind, host, `instead of an answer it sends “${excerpt(line.text)}”`);
}

const milliseconds = (ns: number): number => Math.round(ns / 1e6);

function durations({ load_duration, eval_duration }: Partial<ChatLine> = {}): Partial<Description> {
  return {
    ...(load_duration === undefined ? {} : { loadMs: milliseconds(load_duration) }),
    ...(eval_duration === undefined ? {} : { evalMs: milliseconds(eval_duration) }),
  };
}
