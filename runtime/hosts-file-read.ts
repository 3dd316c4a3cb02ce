import { readFile, stat } from 'node:fs/promises';
import { errorCode } from '../domain/errors.ts';
import { SettingsError } from './config.ts';
import { JsonSyntaxError, parseJsonWithComments } from './json-with-comments.ts';

const mostBytes = 1_048_576;

/** The value in the hosts file. Throws SettingsError, which shows nothing of what is in it. */
export async function readHostsFile(file: string): Promise<unknown> {
  try {
    return parseJsonWithComments(await textOf(file, mostBytes));
  } catch (error) {
    if (error instanceof JsonSyntaxError) {
      throw new SettingsError(
        `The hosts file ${file} is no JSON (comments and trailing commas are allowed).\n  ${error.message}`,
      );
    }
    throw new SettingsError(`The hosts file ${file} ${reasonOf(error)}. VISION_HOSTS_FILE names it.`, { cause: error });
  }
}

class NotText extends Error {}

/** An ordinary file of at most `most` bytes, in UTF-8. What it throws is for `reasonOf`. */
export async function textOf(file: string, most: number): Promise<string> {
  const found = await stat(file);
  if (!found.isFile()) throw new NotText('is no ordinary file');
  if (found.size > most) throw new NotText(`is larger than ${most} bytes: it must be another file that was meant`);
  return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
}

/** Why `textOf` could not read a file and what to do, to follow on its name. */
export function reasonOf(error: unknown): string {
  if (error instanceof NotText) return error.message;
  const code = errorCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'is not there: check the path';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this user: change its owner or its mode';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'is not text in UTF-8: save it as that';
  return `cannot be read (${code ?? 'unknown reason'})`;
}
