import type { StoryLine } from '../../domain/contract.ts';

/** Bytes of JSON that a run may leave behind: at a million photos each KB is a GB (architecture 4). */
export const longestStory = 2_048;
const noteLengths = [400, 200, 120, 80, 48, 24];
const bytes = (story: readonly StoryLine[]): number => Buffer.byteLength(JSON.stringify(story));

/** The story in at most `limit` bytes of JSON: notes are shortened first, then lines are left out of the middle, and counted. */
export function trimStory(story: readonly StoryLine[], limit = longestStory): readonly StoryLine[] {
  if (bytes(story) <= limit) return story;
  for (const length of noteLengths) {
    const shorter = shorten(story, length);
    if (bytes(shorter) <= limit) return shorter;
  }
  const short = shorten(story, noteLengths.at(-1) ?? 0);
  for (let kept = short.length - 1; kept > 0; kept -= 1) {
    const head = Math.ceil(kept / 2);
    const gap = { step: '…', at: short[head]?.at ?? 0, note: `${short.length - kept} more` };
    const part = [...short.slice(0, head), gap, ...short.slice(short.length - (kept - head))];
    if (bytes(part) <= limit) return part;
  }
  return [];
}

const shorten = (story: readonly StoryLine[], length: number): readonly StoryLine[] =>
  story.map(({ step, at, note }) => ({ step: cut(step, 40), at, note: cut(note, length) }));

/** Half of a surrogate pair is no text: it goes with its other half. */
const cut = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
