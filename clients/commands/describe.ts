import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceError, WorkflowFailedError } from '@temporalio/client';
import { looseLibrary } from '../../domain/library.ts';
import { holdingFor, keptInWords } from '../../domain/kept-pause.ts';
import { pausesInWords } from '../../domain/pause.ts';
import { assetWorkflowId } from '../../domain/paths.ts';
import type { LibraryRecord } from '../../domain/ports.ts';
import { priorities } from '../../domain/queues.ts';
import { answerTexts } from '../answer-words.ts';
import { reportedHosts, troubleOf } from '../host-report.ts';
import { namedPhoto } from '../named-file.ts';
import type { Opened } from '../open.ts';
import { type Output, wrapped } from '../output.ts';

export interface DescribeOptions {
  readonly photo: string;
  readonly json: boolean;
  readonly signal: AbortSignal;
  readonly sha256: (raw: Uint8Array) => string;
  /** Says on the error stream what is being waited for. */
  readonly note: (text: string) => void;
}

/** One photo, now: before everything else, printed when it is done. */
export async function describe(opened: Opened, out: Output, options: DescribeOptions): Promise<void> {
  const { assets, photos } = opened;
  const file = await namedPhoto(options.photo);
  const library = await libraryOf(opened, file);
  const rawPath = Buffer.from(path.relative(library.root, file));
  const unread = { size: -1, mtimeMs: -1, ctimeMs: -1, inode: '' };
  const [registered] = await assets.register(library, [{ rawPath, kind: 'photo', stat: unread }], '');
  if (registered === undefined) throw new Error(`${file} could not be registered.`);
  const { asset } = registered;
  const workflowId = assetWorkflowId(library.name, rawPath, options.sha256);
  const open = await photos.stage(workflowId).catch(() => undefined);
  if (open?.open === true) await photos.raise(workflowId, priorities.now);
  else await photos.changed({ asset, rawPath, priority: priorities.now }, 'asked for by a person');
  options.note(`describing ${asset.path} …  ${opened.pageOf(workflowId) ?? workflowId}`);
  const done = photos.result(workflowId, options.signal);
  const result = await telling(opened, { ...options, library: library.name }, done).catch((error: unknown) =>
    Promise.reject(inWords(error)),
  );
  if (result.outcome === 'gone') throw new Error(`${file} vanished: ${result.why}`);
  if (options.json) out.json({ asset, ...result, workflowId, webUi: opened.pageOf(workflowId) });
  else
    for (const text of answerTexts(result.description)) for (const line of wrapped(text, out.columns)) out.line(line);
}

function inWords(error: unknown): unknown {
  if (error instanceof WorkflowFailedError) return new Error(error.cause?.message ?? error.message, { cause: error });
  if (!(error instanceof ServiceError)) return error;
  const message =
    'Temporal answers no more; was Darkroom stopped? The photo is not lost: the next "darkroom up" goes on with it.';
  return new ServiceError(message, { cause: error });
}

type Telling = DescribeOptions & { readonly library: string };

async function telling<T>(opened: Opened, options: Telling, done: Promise<T>): Promise<T> {
  const ended = new AbortController();
  const saying = sayWhatItWaitsFor(opened, options, ended.signal);
  try {
    return await done;
  } finally {
    ended.abort();
    // It may be asking something, and connections are closed next: a call that is cut off then ends the process.
    await saying;
  }
}

const lookEveryMs = 2_000;

/** Waiting without a word looks like hanging: once per reason. The command waits on, as the host may come. */
async function sayWhatItWaitsFor(
  opened: Opened,
  { library, note, signal }: Telling,
  ended: AbortSignal,
): Promise<void> {
  const over = AbortSignal.any([signal, ended]);
  for (let said = ''; !over.aborted; await sleep(lookEveryMs, undefined, { signal: over }).catch(() => undefined)) {
    const [hosts, paused, held] = await Promise.all([
      reportedHosts(opened).catch(() => []),
      opened.pauses.look().catch(() => []),
      heldLibrary(opened, library).catch(() => []),
    ]);
    const working = hosts.some(({ state }) => state === 'ready' || state === 'busy');
    const trouble = working ? '' : hosts.map(troubleOf).join('\n  ');
    const why = [
      ...[...pausesInWords(paused, Date.now()), ...held].map((line) => `waiting: ${line}`),
      ...(trouble === '' ? [] : [`waiting for a vision host\n  ${trouble}`]),
    ].join('\n');
    if (why !== said && why !== '' && !over.aborted) note(why);
    said = why;
  }
}

async function heldLibrary({ kept }: Opened, name: string): Promise<string[]> {
  const now = Date.now();
  const pause = holdingFor((await kept.look()).pauses, { kind: 'library', name }, now);
  return pause === undefined ? [] : [keptInWords(pause, now)];
}

/** The library that holds it, the innermost where they are nested; else the one of loose files. */
async function libraryOf({ assets }: Opened, file: string): Promise<LibraryRecord> {
  const holding = (await assets.libraries())
    .filter(({ root }) => file.startsWith(root.endsWith('/') ? root : `${root}/`))
    .sort((a, b) => b.root.length - a.root.length)[0];
  return holding ?? (await assets.ensureLibrary({ name: looseLibrary, root: '/' }));
}
