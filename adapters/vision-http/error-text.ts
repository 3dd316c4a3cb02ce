import { z } from 'zod';

/** What the body of an error says. */
export interface ErrorText {
  readonly text: string;
  /** Short words beside the text, such as `model_not_found` or `exceed_context_size_error`; empty where there are none. */
  readonly kind: string;
}

const word = z.union([z.string(), z.number()]).nullish().catch(undefined);
/** What FastAPI, and so vLLM, answers to a request of the wrong shape. */
const detail = z
  .object({ detail: z.union([z.string(), z.array(z.object({ msg: z.string() })).min(1)]) })
  .transform(({ detail: about }) => (typeof about === 'string' ? about : about.map(({ msg }) => msg).join('; ')));
/** Mistral puts the one into the other. */
const inner = z.object({ message: z.union([z.string(), detail]), type: word, code: word });
const wrapped = z.object({ error: z.union([z.string(), inner]) });

/**
 * The text of an error, in any of the shapes that are about: `{"error": "…"}` (Ollama; llama-server's own JSON arrives as a
 * string inside it), `{"error": {"message", "type", "code"}}` (OpenAI), `{"object": "error", "message"}` (older vLLM),
 * `{"detail": …}` (FastAPI), and any of them as the only one of a list (Google). Undefined where the body is something else.
 */
export function errorText(body: string): ErrorText | undefined {
  const json = parseJson(body);
  const value: unknown = Array.isArray(json) ? json[0] : json;
  const { data: outer } = wrapped.safeParse(value);
  if (outer !== undefined) return typeof outer.error === 'string' ? nested(outer.error) : said(outer.error);
  const { data: bare } = inner.safeParse(value);
  if (bare !== undefined) return said(bare);
  const text = detail.safeParse(value).data;
  return text === undefined ? undefined : { text, kind: '' };
}

const nested = (text: string): ErrorText =>
  (text.trimStart().startsWith('{') ? errorText(text) : undefined) ?? { text, kind: '' };

const said = ({ message, type, code }: z.infer<typeof inner>): ErrorText => ({
  text: message,
  kind: [type, code].filter((part) => part !== undefined && part !== null).join(' '),
});

/** Undefined where it is no JSON; JSON itself cannot say undefined. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One line, short enough for a log and a table. */
export const excerpt = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
};

/** What a body says that is no answer of a vision host, in a few words: the title of a web page. */
export function inWords(body: string): string {
  if (body.trim() === '') return 'with an empty body';
  const title = /<title>([^<]*)<\/title>/i.exec(body)?.[1];
  if (title !== undefined) return `with a web page “${excerpt(title)}”`;
  return /^\s*</.test(body) ? 'with a web page' : `“${excerpt(body)}”`;
}
