/** Where a text stops being JSON, and what is wrong there. Shows nothing of the text: it may hold tokens. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

const space = /(?:[\s\uFEFF]+|\/\/[^\n\r]*|\/\*[^]*?\*\/)*/y;
const scalar = /"(?:[^"\\\n\r]|\\.)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)\b/y;
/** More than anybody writes, less than what the stack holds. */
const deepest = 100;

interface Reader {
  /** Passes space and comments by; the sign that follows, or an empty text at the end. */
  peek(): string;
  /** What the pattern matches here, passed by. */
  take(pattern: RegExp): string | undefined;
  skip(): void;
  fail(what: string): never;
}

/**
 * JSON in which comments and a comma before a closing bracket are allowed, and a key that is there twice is not: the first
 * one would be lost without a word. Throws JsonSyntaxError.
 */
export function parseJsonWithComments(text: string): unknown {
  const reader = createReader(text);
  if (reader.peek() === '') return reader.fail('there is nothing in it');
  const value = parseValue(reader, 0);
  return reader.peek() === '' ? value : reader.fail('something follows after the end');
}

function createReader(text: string): Reader {
  let at = 0;
  const take = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  const fail = (what: string): never => {
    const lines = text.slice(0, at).split(/\r\n|\n|\r/);
    throw new JsonSyntaxError(`line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}: ${what}`);
  };
  const peek = () => {
    take(space);
    return text.startsWith('/*', at) ? fail('this comment has no end') : text.charAt(at);
  };
  return { take, fail, peek, skip: () => void (at += 1) };
}

function parseValue(reader: Reader, depth: number): unknown {
  if (depth > deepest) return reader.fail('brackets are nested too deep');
  const first = reader.peek();
  if (first === '{') return parseObject(reader, depth);
  if (first === '[') return parseArray(reader, depth);
  if (first === '"') return parseText(reader);
  if (first === "'") return reader.fail('text stands in double quotes');
  return JSON.parse(reader.take(scalar) ?? reader.fail('here a value is missing, or text without quotes'));
}

function parseText(reader: Reader): string {
  const token = reader.take(scalar) ?? reader.fail('this text has no closing quote');
  try {
    return String(JSON.parse(token));
  } catch {
    return reader.fail('the text before this holds a tab or a backslash that means nothing; write \\t or \\\\');
  }
}

function parseArray(reader: Reader, depth: number): unknown[] {
  const items: unknown[] = [];
  reader.skip();
  while (reader.peek() !== ']') {
    items.push(parseValue(reader, depth + 1));
    separator(reader, ']');
  }
  reader.skip();
  return items;
}

function parseObject(reader: Reader, depth: number): object {
  const entries = new Map<string, unknown>();
  reader.skip();
  for (let next = reader.peek(); next !== '}'; next = reader.peek()) {
    if (next !== '"') reader.fail('a name in double quotes, or "}", is missing');
    const key = parseText(reader);
    if (entries.has(key)) reader.fail('the name before this is there twice; keep one of them');
    if (reader.peek() !== ':') reader.fail('a colon is missing');
    reader.skip();
    entries.set(key, parseValue(reader, depth + 1));
    separator(reader, '}');
  }
  reader.skip();
  return Object.fromEntries(entries);
}

function separator(reader: Reader, end: string): void {
  const next = reader.peek();
  if (next === ',') reader.skip();
  else if (next !== end) reader.fail(next === '' ? `its end comes before "${end}"` : `a comma or "${end}" is missing`);
}
