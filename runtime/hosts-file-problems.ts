import type { z } from 'zod';
import { SettingsError } from './config.ts';
import { didYouMean } from './did-you-mean.ts';
import { knownKeys } from './hosts-file-schema.ts';

/** One thing that is wrong in a hosts file. No value is in it: any may be a secret. */
export interface Problem {
  /** Counted from 1; absent where it is about the whole file. */
  readonly host?: number;
  /** Address of the host, where it is known. */
  readonly label?: string | undefined;
  /** Such as `slots` or `headers.x-key`; empty where it is about the whole host. */
  readonly key: string;
  /** Follows on the key. */
  readonly text: string;
}

export function wrongHostsFile(file: string, problems: readonly Problem[]): SettingsError {
  const lines = problems.map(({ host, label, key, text }) => {
    const whose = host === undefined ? [] : [`host ${host}${label === undefined ? '' : ` (${label})`}`];
    return `  ${[...whose, ...(key === '' ? [] : [key])].join(': ')}${key === '' ? ' ' : ': '}${text}`;
  });
  return new SettingsError(`The hosts file ${file} is wrong (docs/hosts.md describes each key):\n${lines.join('\n')}`);
}

type Issue = z.core.$ZodIssue;
export type KeyProblem = Pick<Problem, 'key' | 'text'>;

/** What zod found in one host, in words. */
export const problemsOf = (error: z.ZodError): KeyProblem[] => error.issues.flatMap((issue) => inWords(issue, []));

function inWords(issue: Issue, above: readonly PropertyKey[]): KeyProblem[] {
  const path = [...above, ...issue.path];
  const key = path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((name) => ({ key: [...path.map(String), name].join('.'), text: unknownKey(name, path) }));
  }
  if (issue.code === 'invalid_union') {
    const meant = meantBranch(issue.errors);
    if (meant !== undefined) return meant.flatMap((one) => inWords(one, path));
  }
  if (issue.code === 'invalid_key') return [{ key, text: 'is no name of a header that may be set here' }];
  if (issue.code === 'invalid_type' && path.length > 1 && !issue.message.startsWith('is ')) {
    return [{ key, text: 'is missing' }];
  }
  return [{ key, text: issue.message }];
}

/** The branch whose type fits, if there is one: what is wrong in it says more than that none fits. */
const meantBranch = (branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined =>
  branches.find(
    (issues) => issues.length > 0 && !issues.some(({ code, path }) => code === 'invalid_type' && path.length === 0),
  );

/** @param path of the object in which the name is, within a host. */
export function unknownKey(name: string, path: readonly PropertyKey[], place = 'host'): string {
  const known = knownKeys[String(path[0] ?? place)] ?? [];
  const meant = didYouMean(name, known);
  return meant === undefined
    ? `there is no such key; there are ${known.join(', ')}`
    : `there is no such key; did you mean ${meant}?`;
}
