import { randomUUID } from 'node:crypto';
import { holdingAt, keptInWords, type PauseTarget } from '../../domain/kept-pause.ts';
import { clock } from '../../domain/pause.ts';
import { reportedFaces, reportedHosts } from '../host-report.ts';
import type { Opened } from '../open.ts';
import type { Output } from '../output.ts';
import { UsageError } from '../usage-error.ts';
import { type PauseOptions, pauseOf, say } from './pause.ts';

type Kept = Pick<Opened, 'kept' | 'rests'>;

/** Begins nothing new of one library, or on one host, until somebody resumes or the time has come. Replaces its pause. */
export async function pauseKept({ kept }: Kept, out: Output, options: PauseOptions & { target: PauseTarget }) {
  const { target, until, json } = options;
  const now = Date.now();
  const made = pauseOf(options, now);
  const before = await kept.pause(target, made);
  const replaced = before === undefined ? [] : holdingAt([before], now);
  if (json) return out.json({ paused: [{ ...made, target }], replaced });
  const ends =
    until === undefined ? `until "darkroom resume --${target.kind} ${target.name}"` : `until ${clock(until, now)}`;
  say(out, `Paused ${target.kind} ${target.name} ${ends}. What is under way ends; nothing new begins.`);
  for (const one of replaced) say(out, `It replaces: ${keptInWords(one, now)}`);
}

/** Goes on with one library or host. A host that asked to be left alone is asked again at once. */
export async function resumeKept({ kept, rests }: Kept, out: Output, about: { target: PauseTarget; json: boolean }) {
  const { target, json } = about;
  const now = Date.now();
  // First what would hold it back after the pause.
  const forgotten = target.kind === 'host' ? await rests.forgetRests(target.name) : [];
  const before = await kept.resume(target, randomUUID());
  const lifted = before === undefined ? [] : holdingAt([before], now);
  if (json) return out.json({ resumed: lifted, rests: forgotten });
  for (const one of lifted) say(out, `Goes on. It was: ${keptInWords(one, now)}`);
  for (const { model, until, reason } of forgotten) {
    say(out, `Asked again now: it was to be left alone with ${model} until ${clock(until, now)} (${reason})`);
  }
  if (lifted.length + forgotten.length > 0) return;
  const asked = target.kind === 'host' ? ' If it is not well it is asked again now.' : '';
  say(out, `${target.kind} ${target.name} is not paused.${asked}`);
}

/** Throws UsageError where there is no such library, with the names of those that there are. */
export async function libraryTarget({ assets }: Pick<Opened, 'assets'>, name: string): Promise<PauseTarget> {
  const libraries = await assets.libraries();
  const found = libraries.find((library) => library.name === name || library.root === name);
  if (found === undefined) {
    const names = libraries.map((library) => library.name).join(', ');
    throw new UsageError(`There is no library called "${name}". There are: ${names === '' ? 'none' : names}.`);
  }
  return { kind: 'library', name: found.name };
}

/**
 * A host by its address, or by a part of it that only one has. One that nobody knows may be named by its whole address: it may
 * be another worker's. Throws UsageError.
 */
export async function hostTarget(opened: Pick<Opened, 'facts'>, text: string): Promise<PauseTarget> {
  const known = [...(await reportedHosts(opened)), ...(await reportedFaces(opened))];
  const labels = [...new Set(known.map(({ host }) => host))];
  const wanted = text.replace(/\/+$/, '');
  const matching = labels.includes(wanted) ? [wanted] : labels.filter((label) => label.includes(wanted));
  const [only, ...more] = matching;
  if (only !== undefined && more.length === 0) return { kind: 'host', name: only };
  if (only === undefined && /^https?:\/\/./.test(wanted)) return { kind: 'host', name: wanted };
  const which = only === undefined ? `There is no host "${text}"` : `"${text}" may be ${matching.join(' or ')}`;
  throw new UsageError(`${which}. The hosts are: ${labels.length === 0 ? 'none yet' : labels.join(', ')}.`);
}
