/** The body is no stream of lines as Ollama sends them. */
export class LineTooLong extends Error {
  override readonly name = 'LineTooLong';
}

export interface Line {
  readonly text: string;
  /** False for what stands after the last line break: whole JSON from some proxies, half a line where it was cut. */
  readonly closed: boolean;
}

/** A line of Ollama is about 150 bytes; a megabyte without a line break is some other kind of server. */
const longestLine = 1_048_576;
/** 40,960 tokens, the most that a runaway answer can hold, are about 6 MB of lines. */
const longestBody = 16 * 1_048_576;

/**
 * Splits a body into lines of text, whatever the chunks are: split by bytes and decoded line by line, so that a chunk may
 * end inside a character. Blank lines are left out, `\r` is taken off. Throws LineTooLong beyond the bounds.
 */
export async function* readLines(
  body: AsyncIterable<Uint8Array>,
  { maxLine = longestLine, maxBody = longestBody } = {},
): AsyncGenerator<Line> {
  let rest: Uint8Array[] = [];
  let restBytes = 0;
  let total = 0;
  for await (const chunk of body) {
    total += chunk.length;
    if (total > maxBody) throw new LineTooLong(`more than ${maxBody} bytes`);
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const text = decode([...rest, chunk.subarray(from, end)]);
      rest = [];
      restBytes = 0;
      from = end + 1;
      if (text !== '') yield { text, closed: true };
    }
    if (from < chunk.length) {
      rest.push(chunk.subarray(from));
      restBytes += chunk.length - from;
      if (restBytes > maxLine) throw new LineTooLong(`a line of more than ${maxLine} bytes`);
    }
  }
  const text = decode(rest);
  if (text !== '') yield { text, closed: false };
}

const decode = (parts: readonly Uint8Array[]): string => Buffer.concat(parts).toString('utf8').trim();
