import { z } from 'zod';
import { spanMs } from '../domain/pause.ts';

/** Text that must never reach a log or an error: printed as `[redacted]` by anything that turns it into text. */
export interface Secret {
  readonly reveal: () => string;
  readonly toJSON: () => string;
  readonly toString: () => string;
}

export const secret = (text: string): Secret => ({
  reveal: () => text,
  toJSON: () => '[redacted]',
  toString: () => '[redacted]',
});

export const list = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** An environment variable that is set to nothing is a variable that is not set: compose files write them so. */
export const unset = (value: unknown): unknown => (value === '' ? undefined : value);
export const variable = <T extends z.ZodType>(schema: T) => z.preprocess(unset, schema);
export const number = (fallback: number, min: number, max: number) => {
  const error = `is not a whole number from ${min} to ${max}`;
  return variable(z.coerce.number({ error }).int({ error }).min(min, { error }).max(max, { error }).default(fallback));
};
export const oneOf = <const T extends readonly string[]>(...words: T) =>
  z.enum(words, { error: `is not one of ${words.join(', ')}` });
export const text = variable(z.string().optional());
export const httpUrl = z.url({ protocol: /^https?$/, error: 'is not an http:// or https:// address' });

/** Kept as it was written: `24h`, `7d`. */
export const span = (fallback: string, min: string, max: string) =>
  variable(
    z
      .string()
      .default(fallback)
      .refine((text) => (spanMs(text) ?? 0) >= (spanMs(min) ?? 0) && (spanMs(text) ?? 0) <= (spanMs(max) ?? 0), {
        error: `is not a span of time from ${min} to ${max}, such as ${fallback}`,
      }),
  );
