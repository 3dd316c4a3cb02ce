import { z } from 'zod';
import type { Description } from '../../domain/description.ts';
import { PermanentError, TransientError } from '../../domain/errors.ts';
import { cleanText, longestText } from '../vision-http/answer-text.ts';
import { excerpt, faultOf, nonsense, parseJson } from './faults.ts';
import type { Line } from '../vision-http/lines.ts';

/** Counts and durations (ns) are for information: an odd one must not cost a finished answer. */
const count = z.number().nonnegative().optional().catch(undefined);

const chatLine = z.object({
  error: z.unknown().optional(),
  message: z.object({ content: z.string().optional(), thinking: z.string().optional() }).optional(),
  done: z.boolean().optional(),
  done_reason: z.string().optional().catch(undefined),
  load_duration: count,
  prompt_eval_count: count,
  eval_count: count,
  eval_duration: count,
});
type ChatLine = z.infer<typeof chatLine>;

/** More than cleaning ever keeps; what a model without end goes on to say is not kept in memory. */
const keptCharacters = 4 * longestText;

export interface ChatAnswer {
  /** Takes one line; returns the piece of text in it. Throws where the line is an error or no line of Ollama's. */
  take(line: Line): string;
  /** The line with `done: true` has come. Only then is the answer complete: status 200 does not say so. */
  done(): boolean;
  /** Anything of an answer has come. */
  begun(): boolean;
  /** The finished answer. Throws EmptyAnswer where there is nothing to read in it. */
  description(about: { simulated: boolean; totalMs: number }): Description;
}

/** Puts an answer together, line by line. */
export function createChatAnswer(host: string, model: string): ChatAnswer {
  let text = '';
  let begun = false;
  let thought = false;
  let last: ChatLine | undefined;
  return {
    take(line) {
      const parsed = parseLine(host, line, begun);
      if (parsed.error !== undefined) throw faultOf({ host, model, status: 500, body: line.text, now: 0 });
      begun = true;
      thought ||= (parsed.message?.thinking ?? '') !== '';
      const piece = parsed.message?.content ?? '';
      if (text.length < keptCharacters) text += piece;
      if (parsed.done === true) last = parsed;
      return piece;
    },
    done: () => last !== undefined,
    begun: () => begun,
    description({ simulated, totalMs }) {
      const clean = cleanText(text);
      if (clean === '') throw emptyAnswer(host, model, thought, last?.done_reason);
      return { text: clean, model, host, simulated, totalMs, ...costs(last) };
    },
  };
}

function parseLine(host: string, line: Line, begun: boolean): ChatLine {
  const { success, data } = chatLine.safeParse(parseJson(line.text));
  if (success && (data.error !== undefined || data.message !== undefined || data.done !== undefined)) return data;
  if (begun && !line.closed) {
    throw new TransientError('HostFailed', `${host} broke off in the middle of a line of its answer.`);
  }
  throw nonsense(host, `instead of an answer it sends “${excerpt(line.text)}”`);
}

function emptyAnswer(host: string, model: string, thought: boolean, reason: string | undefined): PermanentError {
  const why = thought
    ? 'it only thought; set VISION_MODEL to an instruct variant, or raise VISION_NUM_PREDICT'
    : `it ended with ${reason ?? 'no reason given'}`;
  return new PermanentError('EmptyAnswer', `${model} on ${host} answered nothing (${why}).`, { host });
}

const milliseconds = (ns: number): number => Math.round(ns / 1e6);

function costs(last: ChatLine | undefined): Partial<Description> {
  const { prompt_eval_count: promptTokens, eval_count: answerTokens, load_duration, eval_duration } = last ?? {};
  return {
    ...(promptTokens === undefined ? {} : { promptTokens }),
    ...(answerTokens === undefined ? {} : { answerTokens }),
    ...(load_duration === undefined ? {} : { loadMs: milliseconds(load_duration) }),
    ...(eval_duration === undefined ? {} : { evalMs: milliseconds(eval_duration) }),
  };
}
