import type { ParkedPhoto } from '../../domain/failures.ts';
import { priorities } from '../../domain/queues.ts';
import { createBrake, startInPages } from '../many-runs.ts';
import type { Opened } from '../open.ts';
import { type Output, wrapped } from '../output.ts';
import { UsageError } from '../usage-error.ts';
import { filterOf, nothingParked, type Wanted } from './failures.ts';

/** As many are tried again without a question. */
const mostUnasked = 20;

export interface RetryOptions {
  readonly wanted: Wanted;
  readonly limit: number | undefined;
  readonly yes: boolean;
  readonly json: boolean;
  /** Asks the person; absent where nobody sits there. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined;
  /** A line that replaces the one before it; an empty one takes it away. */
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface RetryDeps extends Pick<Opened, 'failures' | 'facts'> {
  readonly assets: Pick<Opened['assets'], 'libraries' | 'countWaiting'>;
  readonly photos: Pick<Opened['photos'], 'startNew' | 'countOpen'>;
}

interface Tally {
  started: number;
  open: number;
}

/**
 * Starts parked photos again, in the order in which they became known. Keeps no state: a photo whose run is open is left
 * alone, and one that is done is parked no more, so that it may be killed at any moment and given again. Returns the exit code.
 */
export async function retryFailures(opened: RetryDeps, out: Output, options: RetryOptions): Promise<number> {
  const { json, limit, yes, progress, signal } = options;
  const filter = await filterOf(opened, options.wanted);
  const total = Math.min(await opened.failures.count(filter), limit ?? Infinity);
  const tally: Tally = { started: 0, open: 0 };
  if (total === 0) {
    if (json) out.json({ found: 0, ...tally, interrupted: false });
    else out.line(await nothingParked(opened, filter));
    return 0;
  }
  if (total > mostUnasked && !yes && !(await isWanted(total, options))) {
    if (json) out.json({ found: total, ...tally, interrupted: true });
    else out.line('Nothing was started.');
    return 1;
  }
  try {
    await startAll(opened, { ...options, filter, total, tally });
  } catch (error) {
    progress('');
    const so = `${tally.started} of ${total} were started before it broke off. The same command goes on.`;
    if (error instanceof Error) error.message = `${error.message}\n${so}`;
    throw error;
  }
  progress('');
  const interrupted = signal.aborted && tally.started + tally.open < total;
  if (json) out.json({ found: total, ...tally, interrupted });
  else for (const text of lastWords(tally, interrupted)) for (const line of wrapped(text, out.columns)) out.line(line);
  return interrupted ? 1 : 0;
}

async function isWanted(total: number, { ask }: RetryOptions): Promise<boolean> {
  if (ask !== undefined) return await ask(`Try ${total} photos again?`);
  throw new UsageError(`That would try ${total} photos again. If it is meant: --yes. For some of them: --limit 20`);
}

interface Starting extends RetryOptions {
  readonly filter: Awaited<ReturnType<typeof filterOf>>;
  readonly total: number;
  readonly tally: Tally;
}

async function startAll(opened: RetryDeps, { filter, limit, total, tally, progress, signal }: Starting): Promise<void> {
  const { failures, photos } = opened;
  let rest = limit ?? Infinity;
  await startInPages(createBrake(opened), {
    async page(after, most) {
      const page = rest <= 0 ? [] : await failures.page(filter, { after, limit: Math.min(rest, most) });
      rest -= page.length;
      return page;
    },
    async work(photo: ParkedPhoto) {
      const isNew = await photos.startNew({ ...photo, priority: priorities.rerun });
      tally[isNew ? 'started' : 'open'] += 1;
      progress(`${tally.started + tally.open} of ${total}`);
      return isNew ? 'started' : 'left';
    },
    signal,
  });
}

const lastWords = ({ started, open }: Tally, interrupted: boolean): string[] => [
  [
    `${started} ${started === 1 ? 'photo is' : 'photos are'} tried again`,
    ...(open > 0 ? [`${open} had a run already and ${open === 1 ? 'was' : 'were'} left alone`] : []),
  ].join(', '),
  interrupted
    ? 'Interrupted: the rest was not started. The same command goes on with it.'
    : 'Each stays in the list until its run has ended: darkroom failures',
];
