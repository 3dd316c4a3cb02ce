import { z } from 'zod';
import type { Ask } from '../vision-http/ask.ts';
import { parseJson } from '../vision-http/error-text.ts';

const entry = z.object({ name: z.string().optional(), model: z.string().optional() });
const psAnswer = z.object({ models: z.array(entry) });

/** Is the model in the host's memory? Undefined where it does not say: this is for information only. */
export async function askLoaded(ask: Ask, path: string, model: string): Promise<boolean | undefined> {
  try {
    const { data } = psAnswer.safeParse(parseJson((await ask('GET', path)).text));
    return data?.models.some((one) => [one.name, one.model].some((name) => sameModel(name, model)));
  } catch {
    return undefined;
  }
}

/** Names without a tag mean `:latest`; Ollama compares names without regard to case. */
export const sameModel = (a: string | undefined, b: string): boolean => a !== undefined && full(a) === full(b);

function full(name: string): string {
  const lower = name.toLowerCase();
  return lower.slice(lower.lastIndexOf('/') + 1).includes(':') ? lower : `${lower}:latest`;
}
