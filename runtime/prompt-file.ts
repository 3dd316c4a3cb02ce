import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorCode } from '../domain/errors.ts';
import { checkPrompt } from '../domain/prompt.ts';
import { SettingsError } from './config.ts';

/** 16 KB are about 4,000 tokens: more leaves a model no room for the picture. */
const mostBytes = 16_384;

/**
 * The prompt in a text file, without the white space around it. Throws SettingsError, which begins with `setting`, where
 * it cannot be used.
 */
export async function readPromptFile(path: string, setting = 'VISION_PROMPT_FILE'): Promise<string> {
  const file = resolve(path);
  const wrong = (problem: string) => new SettingsError(`${setting}: ${problem}`);
  const bytes = await bytesOf(file, wrong);
  const text = decoded(bytes)?.trim();
  if (text === undefined || text.includes('\0')) throw wrong(`${file} is not UTF-8 text; save it as UTF-8.`);
  if (text === '') throw wrong(`${file} is empty; write the prompt into it.`);
  const [problem] = checkPrompt(text);
  if (problem !== undefined) throw wrong(`in ${file} ${problem}.`);
  return text;
}

/**
 * The environment with the text of VISION_PROMPT_FILE in VISION_PROMPT, for loading settings from it and for handing it to
 * other processes: all of them ask the same, also where the file changes meanwhile.
 */
export async function withPromptFile<E extends Readonly<Record<string, string | undefined>>>(env: E): Promise<E> {
  const { VISION_PROMPT_FILE: file = '', VISION_PROMPT: prompt = '' } = env;
  // Both are a wrong setting, which is told with all others.
  if (file === '' || prompt !== '') return env;
  return { ...env, VISION_PROMPT: await readPromptFile(file), VISION_PROMPT_FILE: '' };
}

async function bytesOf(file: string, wrong: (problem: string) => SettingsError): Promise<Buffer> {
  try {
    const stats = await stat(file);
    // A pipe would be waited for without end.
    if (!stats.isFile()) throw wrong(`${file} is not a file; give the path of a text file.`);
    if (stats.size > mostBytes) throw wrong(`${file} has ${stats.size} bytes; ${mostBytes} (16 KB) are the most.`);
    return await readFile(file);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') throw wrong(`there is no file ${file}.`);
    if (code === 'EACCES') throw wrong(`${file} may not be read by this user; change its permissions.`);
    throw error;
  }
}

function decoded(bytes: Buffer): string | undefined {
  try {
    // Takes away the mark that some editors put before UTF-8.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
