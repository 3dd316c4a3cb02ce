import path from 'node:path';
import { hostAddress } from './host-address.ts';
import { reasonOf, textOf } from './hosts-file-read.ts';
import type { KeyProblem } from './hosts-file-problems.ts';
import type { HostEntry } from './hosts-file-schema.ts';

/** Where secrets come from. Without `env` variables are not looked at: they are another process's. */
export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>> | undefined;
  /** The hosts file's folder: paths in it are relative to that. */
  readonly folder: string;
}

export interface Secrets {
  readonly headers: () => Readonly<Record<string, string>>;
  readonly problems: readonly KeyProblem[];
}

type Found = { readonly text: string } | { readonly problem: string };

/** A token of more is another file. */
const mostBytes = 65_536;
/** What a bearer token may consist of; a space or a line break would make two headers or none of it. */
const visible = /^[\x21-\x7e]+$/;
const headerValue = /^[\t\x20-\x7e]*$/;

/** Headers of one host. Nothing that is found comes out but through the function. */
export async function secretsOf(entry: HostEntry, sources: SecretSources): Promise<Secrets> {
  const problems: KeyProblem[] = [...twice(entry)];
  const headers = new Map<string, string>();
  const keep = (name: string, key: string, found: Found, form: RegExp, prefix = '') => {
    if ('problem' in found) problems.push({ key, text: found.problem });
    else if (!form.test(found.text)) problems.push({ key, text: 'holds signs that a header cannot carry' });
    else headers.set(name, `${prefix}${found.text}`);
  };
  const { token, tokenEnv, tokenFile } = entry;
  if (entry.url !== undefined) {
    const { authorization } = hostAddress(entry.url);
    if (authorization !== undefined) headers.set('authorization', authorization);
  }
  if (token !== undefined) keep('authorization', 'token', { text: token.trim() }, visible, 'Bearer ');
  if (tokenEnv !== undefined) {
    keep('authorization', 'tokenEnv', ofVariable(tokenEnv, sources), visible, 'Bearer ');
  }
  if (tokenFile !== undefined) {
    keep('authorization', 'tokenFile', await ofFile(tokenFile, sources), visible, 'Bearer ');
  }
  for (const [name, source] of Object.entries(entry.headers ?? {})) {
    const key = `headers.${name}`;
    if (headers.has(name.toLowerCase())) {
      problems.push({ key, text: 'is set twice, by another header or by a token; keep one of them' });
    } else {
      keep(name.toLowerCase(), key, await ofSource(source, sources), headerValue);
    }
  }
  return { headers: () => Object.fromEntries(headers), problems };
}

function twice({ url, token, tokenEnv, tokenFile }: HostEntry): KeyProblem[] {
  const inUrl = url !== undefined && hostAddress(url).authorization !== undefined;
  const named = Object.entries({ token, tokenEnv, tokenFile }).flatMap(([key, value]) =>
    value === undefined ? [] : [key],
  );
  if (named.length > 1) return [{ key: named.join(', '), text: 'are several; keep one of them' }];
  return inUrl && named.length > 0
    ? [{ key: named.join(), text: 'and a user or password in url are two logins; keep one of them' }]
    : [];
}

async function ofSource(source: NonNullable<HostEntry['headers']>[string], sources: SecretSources): Promise<Found> {
  if (typeof source === 'string') return { text: source };
  return 'env' in source ? ofVariable(source.env, sources) : await ofFile(source.file, sources);
}

/** Neither names nor paths are shown: who mistakes the key puts the token itself there. */
function ofVariable(name: string, { env }: SecretSources): Found {
  if (env === undefined) return { text: 'unknown' };
  const text = env[name]?.trim() ?? '';
  if (text !== '') return { text };
  const how = env[name] === undefined ? 'not set' : 'empty';
  return {
    problem: `the environment variable that it names is ${how} where Darkroom runs; set it there, or use a file`,
  };
}

async function ofFile(name: string, { folder }: SecretSources): Promise<Found> {
  try {
    const text = (await textOf(path.resolve(folder, name), mostBytes)).trim();
    return text === '' ? { problem: 'the file that it names is empty; write the secret into it' } : { text };
  } catch (error) {
    return { problem: `the file that it names ${reasonOf(error)} (relative paths begin at ${folder})` };
  }
}
