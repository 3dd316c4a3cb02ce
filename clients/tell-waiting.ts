import { setTimeout as sleep } from 'node:timers/promises';
import { holdingFor, keptInWords } from '../domain/kept-pause.ts';
import { pausesInWords } from '../domain/pause.ts';
import type { LibraryRecord } from '../domain/ports.ts';
import { queues } from '../domain/queues.ts';
import { reportedHosts, troubleOf } from './host-report.ts';
import type { Opened } from './open.ts';

export interface Waiting {
  readonly library: LibraryRecord;
  readonly workflowId: string;
  /** Says on the error stream what is being waited for. */
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

type Sources = Pick<Opened, 'facts' | 'pauses' | 'kept' | 'photos' | 'immich'>;

/** What `done` brings; what it waits for is said meanwhile. */
export async function telling<T>(opened: Sources, waiting: Waiting, done: Promise<T>): Promise<T> {
  const ended = new AbortController();
  const saying = sayWhatItWaitsFor(opened, waiting, ended.signal);
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
async function sayWhatItWaitsFor(opened: Sources, waiting: Waiting, ended: AbortSignal): Promise<void> {
  const { library, note, signal } = waiting;
  const isImmich = library.kind === 'immich';
  const over = AbortSignal.any([signal, ended]);
  for (let said = ''; !over.aborted; await sleep(lookEveryMs, undefined, { signal: over }).catch(() => undefined)) {
    const [hosts, paused, held, away] = await Promise.all([
      reportedHosts(opened).catch(() => []),
      opened.pauses.look().catch(() => []),
      heldLibrary(opened, library).catch(() => []),
      isImmich ? immichWaits(opened, waiting, over) : [],
    ]);
    const working = hosts.some(({ state }) => state === 'ready' || state === 'busy');
    const trouble = working ? '' : hosts.map(troubleOf).join('\n  ');
    // Nothing of a folder is written anywhere.
    const about = isImmich ? paused : paused.filter(({ queue }) => queue !== queues.publish);
    const why = [
      ...[...pausesInWords(about, Date.now()), ...held, ...away].map((line) => `waiting: ${line}`),
      ...(trouble === '' ? [] : [`waiting for a vision host\n  ${trouble}`]),
    ].join('\n');
    if (why !== said && why !== '' && !over.aborted) note(why);
    said = why;
  }
}

async function heldLibrary({ kept }: Sources, { name }: LibraryRecord): Promise<string[]> {
  const now = Date.now();
  const pause = holdingFor((await kept.look()).pauses, { kind: 'library', name }, now);
  return pause === undefined ? [] : [keptInWords(pause, now)];
}

const pingMs = 5_000;

/** Immich is away, as far as this shell can tell; or the run says what it waits for: a preview, people. */
async function immichWaits(opened: Sources, { library, workflowId }: Waiting, over: AbortSignal): Promise<string[]> {
  const ways = await opened.immich.ways().catch(() => []);
  const way = ways.find(({ root }) => root === library.root);
  const trouble = await way?.immich.ping(AbortSignal.any([over, AbortSignal.timeout(pingMs)])).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  if (trouble !== undefined && !over.aborted) return [trouble];
  const view = await opened.photos.stage(workflowId).catch(() => undefined);
  return view?.stage === 'settle' && view.note.startsWith('Immich ') ? [view.note] : [];
}
