import type { Description } from '../../domain/description.ts';
import { PermanentError, type TokenUsage, TransientError } from '../../domain/errors.ts';
import type { Recipe } from '../../domain/recipe.ts';
import { emptyAnswer, keptCharacters, readable, tokenUsage } from '../vision-http/answer.ts';
import { excerpt, parseJson } from '../vision-http/error-text.ts';
import { faultOf, nonsense } from '../vision-http/faults.ts';
import type { Line } from '../vision-http/lines.ts';
import type { Heard, StreamedAnswer } from '../vision-http/streamed-call.ts';
import type { StructuredText } from '../vision-http/structured.ts';
import { type CompletionChunk, completionChunk, statusOfError } from './chunk.ts';
import { openaiKind } from './kind.ts';

interface About {
  readonly host: string;
  readonly model: string;
  readonly output: Recipe['output'];
}

const nothing: Heard = { piece: '', thought: '', alive: false };

/**
 * Puts a streamed completion together from its server-sent events. Complete with a `finish_reason`; `[DONE]` or the end of the
 * body comes after it, and the count of tokens between the two.
 */
export function createCompletionAnswer(about: About): StreamedAnswer {
  const { host, model } = about;
  const kept: Kept = { text: '', thoughts: '', refusal: '', finish: undefined };
  const costs = createCosts();
  let begun = false;
  let spoken = false;
  let ended = false;
  return {
    take(line) {
      const data = dataOf(line);
      ended ||= data === '[DONE]';
      if (data === undefined || data === '[DONE]') return nothing;
      const chunk = parseChunk(about, { ...line, text: data }, begun);
      begun = true;
      costs.note(chunk);
      const { piece, thought } = keep(kept, host, chunk);
      // Some servers send an empty piece at once and read the picture then: that is silence before the first byte still.
      spoken ||= piece !== '' || thought !== '' || kept.finish !== undefined;
      if (piece !== '' || thought !== '') costs.heard();
      return { piece, thought, alive: spoken };
    },
    begun: () => begun,
    complete: () => kept.finish !== undefined,
    ended: () => ended && kept.finish !== undefined,
    usage: () => costs.usage(),
    unfinished: () =>
      new TransientError('HostBroke', `${host} ended in the middle of its answer, without a finish_reason.`),
    description: ({ simulated, totalMs }) => ({
      ...saidIn(about, kept, costs.usage()),
      model,
      host,
      simulated,
      totalMs,
      ...costs.usage(),
      ...costs.duration(),
    }),
  };
}

interface Kept {
  text: string;
  thoughts: string;
  refusal: string;
  finish: string | undefined;
}

function keep(kept: Kept, host: string, { choices = [] }: CompletionChunk): { piece: string; thought: string } {
  const [choice] = choices;
  if (choice?.finish_reason === 'error') throw failedInside(host);
  kept.finish ??= choice?.finish_reason ?? undefined;
  const said = choice?.delta ?? choice?.message;
  const piece = said?.content ?? '';
  const thought = said?.reasoning ?? said?.reasoning_content ?? '';
  if (kept.text.length < keptCharacters) kept.text += piece;
  if (kept.thoughts.length < keptCharacters) kept.thoughts += thought;
  if (kept.refusal.length < keptCharacters) kept.refusal += said?.refusal ?? '';
  return { piece, thought };
}

function saidIn(about: About, { text, thoughts, refusal, finish }: Kept, usage: TokenUsage): StructuredText {
  const { host, model, output } = about;
  if (finish === 'content_filter' || (refusal !== '' && text.trim() === '')) {
    const why = refusal === '' ? `it ended with ${finish}` : excerpt(refusal);
    throw new PermanentError('Refused', `${model} on ${host} refuses this photo: ${why}`, { host, usage });
  }
  // A constrained answer of a model that thinks may stand where its thoughts do.
  const said = readable(text, output) ?? (output === 'json' && text === '' ? readable(thoughts, output) : undefined);
  if (said !== undefined) return said;
  throw emptyAnswer({ ...about, text, thought: thoughts !== '', cutOff: finish === 'length', ended: finish, usage });
}

/** Undefined for what holds no data: comments (`: OPENROUTER PROCESSING` while it waits) and the other fields of events. */
function dataOf({ text }: Line): string | undefined {
  if (text.startsWith('data:')) return text.slice(5).trim() || undefined;
  return /^(:|(event|id|retry)(:|$))/.test(text) ? undefined : text;
}

function parseChunk({ host, model }: About, line: Line, begun: boolean): CompletionChunk {
  const value = parseJson(line.text);
  const { data } = completionChunk.safeParse(value);
  if (data?.object === 'error' || (data?.error !== undefined && data.error !== null)) {
    // LM Studio answers so, under 200, to every path that it does not have.
    if (/unexpected endpoint/i.test(line.text)) throw nonsense(openaiKind, host, excerpt(line.text));
    throw faultOf(openaiKind, { host, model, status: statusOfError(value), body: line.text, now: Date.now() });
  }
  if (data !== undefined && (begun || data.choices !== undefined)) return data;
  if (begun && !line.closed) {
    throw new TransientError('HostBroke', `${host} broke off in the middle of a line of its answer.`);
  }
  throw nonsense(openaiKind, host, `instead of an answer it sends “${excerpt(line.text)}”`);
}

const failedInside = (host: string): TransientError =>
  new TransientError(
    'HostFailed',
    `${host} ended its answer with an error and says nothing more (finish_reason error).`,
  );

/** Tokens as the host counts them. Where it does not say how long it spoke, the time from its first to its last piece. */
function createCosts() {
  let usage: CompletionChunk['usage'];
  let timings: CompletionChunk['timings'];
  let first: number | undefined;
  let last = 0;
  return {
    note(chunk: CompletionChunk): void {
      usage = chunk.usage ?? usage;
      timings = chunk.timings ?? timings;
    },
    heard(): void {
      last = performance.now();
      first ??= last;
    },
    usage: (): TokenUsage =>
      tokenUsage(usage?.prompt_tokens ?? timings?.prompt_n, usage?.completion_tokens ?? timings?.predicted_n),
    duration(): Partial<Description> {
      const evalMs = Math.round(timings?.predicted_ms ?? last - (first ?? last));
      return evalMs === 0 ? {} : { evalMs };
    },
  };
}
