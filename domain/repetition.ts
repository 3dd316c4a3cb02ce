/** Longest phrase that is looked for, in characters: a sentence or two. Longer loops run into the limit of tokens. */
const longestPhrase = 200;
/** So often at least: a refrain or a table says a thing three times, a model in a loop has no end. */
const fewestTimes = 6;
/** And this long at least, so that “ha ha ha” or a row of dashes is none. */
const shortestLoop = 400;
/** How often to look. A look mostly compares one character per length of phrase, so it costs about two per character heard. */
const stride = 100;

const longestLoop = Math.max(shortestLoop, longestPhrase * fewestTimes);

export interface RepetitionGuard {
  /** Takes the next piece. True where the text has begun to repeat one phrase: at the latest `stride` characters later. */
  loops(piece: string): boolean;
}

/**
 * Tells when an answer repeats itself: a model in a loop holds a host for many minutes. Looks at fixed distances of the
 * text, so that it does not matter how the text is cut into pieces.
 */
export function createRepetitionGuard(): RepetitionGuard {
  let tail = '';
  let fresh = 0;
  let looped = false;
  return {
    loops(piece) {
      for (let from = 0; from < piece.length && !looped;) {
        const part = piece.slice(from, from + stride - fresh);
        tail += part;
        from += part.length;
        fresh += part.length;
        if (fresh < stride) break;
        fresh = 0;
        tail = tail.slice(-longestLoop);
        looped = endsInLoop(tail);
      }
      return looped;
    },
  };
}

/** Does the text end in one phrase, said over and over? */
export function endsInLoop(text: string): boolean {
  for (let period = 1; period <= longestPhrase; period += 1) {
    const length = Math.max(shortestLoop, period * fewestTimes);
    // Phrases only get longer from here.
    if (length > text.length) return false;
    if (hasPeriod(text, period, length)) return true;
  }
  return false;
}

/** Are the last `length` characters equal to those `period` before them? Backwards: most periods are refuted at once. */
function hasPeriod(text: string, period: number, length: number): boolean {
  const first = text.length - length + period;
  for (let at = text.length - 1; at >= first; at -= 1) {
    if (text.charCodeAt(at) !== text.charCodeAt(at - period)) return false;
  }
  return true;
}
