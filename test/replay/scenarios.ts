import type {
  Activities,
  Claim,
  StartMissingInput,
  StartMissingResult,
  StartPageInput,
  StartPageResult,
} from '../../domain/contract.ts';
import type { Description } from '../../domain/description.ts';
import { PermanentError, TransientError } from '../../domain/errors.ts';
import { nothingUndone } from '../../domain/undo.ts';
import { nothingLookedAt } from '../../domain/verify.ts';

/**
 * What the steps of one recorded life answer; what is left out answers as for a photo that goes through at once. `tell` sends
 * a signal to the workflow, or the update `setWindow`.
 */
export type Scenario = (tell: (name: string, input?: unknown) => Promise<void>) => Partial<Activities>;

const stat = { size: 10, mtimeMs: 1, ctimeMs: 1, inode: '1' };
const key = { contentHash: 'c'.repeat(64), recipeHash: 'd'.repeat(64), factsHash: 'f'.repeat(64) };
const host = 'http://127.0.0.1:11434';
const description: Description = { text: 'A cat.', model: 'scripted-vl', host, simulated: false, totalMs: 5 };
const print = { kind: 'known', contentHash: key.contentHash, facts: {}, summary: 'jpeg 320×240' } as const;
const withFaces = { ...print, faces: { kind: 'wanted' } } as const;
const withField = { ...print, fieldSha: 'e'.repeat(64) };

export const plain: Activities = {
  checkSettled: async () => ({ verdict: 'whole', stat }),
  fingerprint: async () => print,
  findFaces: async () => ({ kind: 'looked', people: ['Anna (34)'], note: '1 face: Anna' }),
  claimDescription: async () => ({ kind: 'mine', key, model: 'scripted-vl' }),
  describePhoto: async () => ({ kind: 'described', description }),
  publish: async () => ({ kind: 'written', note: 'written' }),
  finishRun: async () => undefined,
  markWaiting: async () => undefined,
  startPage: async () => pageOf({}),
  startMissing: async () => missing({}),
  passLibraries: async () => ({ passes: ['recorded'] }),
  keepReconciled: async () => undefined,
  keepWindows: async () => ({ closed: ['describe paused by window night'], opened: [] }),
  keepBackfill: async () => undefined,
  verifyPage: async () => nothingLookedAt,
  keepVerified: async () => undefined,
  undoPage: async () => nothingUndone,
  countUndoable: async () => ({ count: 0 }),
  clusterFaces: async () => ({ looked: 0, assigned: 0, people: 0, suggested: 0, deferred: 0 }),
};

/** Calls the first of `answers` the first time, and so on; the last one for ever. */
function inTurn<I, O>(...answers: ((input: I) => Promise<O>)[]): (input: I) => Promise<O> {
  let nth = 0;
  return async (input) => {
    const answer = answers[Math.min(nth, answers.length - 1)];
    nth += 1;
    if (answer === undefined) throw new Error('no answer was scripted');
    return await answer(input);
  };
}

const waitFor =
  (waitMs: number, at: number): Activities['checkSettled'] =>
  async () => ({ verdict: 'wait', waitMs, first: { stat, at }, why: 'waiting until the file is whole' });
const failWith = (error: Error) => async (): Promise<never> => {
  throw error;
};
const empty = new PermanentError('EmptyAnswer', 'The model answered nothing.', { host });
const away = new TransientError('DatabaseUnavailable', 'The database does not answer.');

export const photoScenarios: Readonly<Record<string, Scenario>> = {
  plain: () => ({}),
  'settles-after-waits': () => ({
    checkSettled: inTurn(waitFor(300, 1), waitFor(300, 2), waitFor(300, 2), plain.checkSettled),
  }),
  'waits-for-minutes': () => ({
    checkSettled: inTurn(waitFor(60_000, 1), waitFor(60_000, 1), waitFor(300, 1), plain.checkSettled),
  }),
  'held-then-known': () => ({
    claimDescription: inTurn<unknown, Claim>(
      async () => ({ kind: 'held', key, owner: 'asset/recorded/other.jpg' }),
      async () => ({ kind: 'known', key, description }),
    ),
  }),
  'paused-then-described': () => ({
    claimDescription: inTurn<unknown, Claim>(
      async () => ({ kind: 'paused', why: 'library recorded paused by ada@desk' }),
      async () => ({ kind: 'paused', why: 'library recorded paused by ada@desk', until: Date.now() + 500 }),
      async () => ({ kind: 'mine', key, model: 'scripted-vl' }),
    ),
  }),
  'content-fault-then-described': () => ({ describePhoto: inTurn(failWith(empty), plain.describePhoto) }),
  'content-faults-then-parked': () => ({ describePhoto: failWith(empty) }),
  'changed-while-described': (signal) => ({
    describePhoto: inTurn(async (input) => {
      await signal('changed');
      return await plain.describePhoto(input);
    }, plain.describePhoto),
  }),
  'database-away-at-the-end': () => ({
    finishRun: inTurn(failWith(away), failWith(away), failWith(away), plain.finishRun),
  }),
  'host-away-then-described': () => ({
    describePhoto: inTurn(failWith(new TransientError('HostUnreachable', 'refused')), plain.describePhoto),
  }),
  gone: () => ({ checkSettled: async () => ({ verdict: 'gone', why: 'there is no file of this name any more' }) }),
  skipped: () => ({ checkSettled: async () => ({ verdict: 'skip', why: 'it has a text that somebody wrote' }) }),
  'no-preview': () => ({ checkSettled: async () => ({ verdict: 'no-preview', stat, why: 'there is no preview' }) }),
  'with-faces': () => ({ fingerprint: async () => withFaces }),
  'with-faces-known': () => ({
    fingerprint: async () => ({ ...print, faces: { kind: 'known', note: 'nobody is on it' } }),
  }),
  'with-faces-and-a-field': () => ({ fingerprint: async () => ({ ...withField, faces: { kind: 'wanted' } }) }),
  'changed-before-faces': () => ({
    fingerprint: async () => withFaces,
    findFaces: inTurn(async () => ({ kind: 'torn' }), plain.findFaces),
  }),
  'face-services-away': () => ({
    fingerprint: async () => withFaces,
    findFaces: inTurn(failWith(new TransientError('HostUnreachable', 'refused')), plain.findFaces),
  }),
  published: () => ({ fingerprint: async () => withField }),
  'published-after-an-outage': () => ({
    fingerprint: async () => withField,
    publish: inTurn(failWith(new TransientError('ImmichUnavailable', 'refused')), plain.publish),
  }),
  'deleted-before-published': () => ({
    fingerprint: async () => withField,
    publish: async () => ({ kind: 'gone', note: 'it was deleted in Immich' }),
  }),
  'gone-while-read': () => ({ fingerprint: async () => ({ kind: 'gone', why: 'it vanished while it was read' }) }),
  empty: () => ({ checkSettled: async () => ({ verdict: 'empty', stat: { ...stat, size: 0 } }) }),
  'torn-while-read': () => ({ fingerprint: inTurn(async () => ({ kind: 'torn' }), plain.fingerprint) }),
  'torn-before-described': () => ({ describePhoto: inTurn(async () => ({ kind: 'torn' }), plain.describePhoto) }),
  // Touched just now, so that it gets half a minute of patience; half a second here.
  'undecodable-after-patience': () => ({
    checkSettled: inTurn(
      async () => ({ verdict: 'whole', stat: { ...stat, mtimeMs: Date.now(), ctimeMs: Date.now() } }),
      waitFor(500, 1),
      plain.checkSettled,
    ),
    fingerprint: failWith(new PermanentError('Undecodable', 'It is no picture that can be read.')),
  }),
};

/** The server suggests a new run after 4 MB of history; the recorder takes the padding out again. */
export const padding = 'x'.repeat(900_000);

const pageOf = (more: Partial<StartPageResult>): StartPageResult => ({
  seen: 10,
  started: 4,
  skipped: 5,
  unsupported: 1,
  problems: [],
  ...more,
});

/** Pages of a library by their number: the cursor begins with it. */
const pages =
  (count: number, tail = '', onPage: (at: number) => Promise<void> = async () => undefined) =>
  async ({ cursor }: StartPageInput): Promise<StartPageResult> => {
    const at = cursor === undefined ? 0 : parseInt(cursor, 10);
    await onPage(at);
    return pageOf(at + 1 < count ? { next: `${at + 1}${tail}` } : {});
  };

export const backfillScenarios: Readonly<Record<string, Scenario>> = {
  'one-page': () => ({ startPage: pages(1) }),
  'two-pages': () => ({ startPage: pages(2) }),
  'rescan-during-the-pass': (signal) => {
    let asked = false;
    const rescanOnce = async (at: number) => {
      if (asked || at !== 1) return;
      asked = true;
      await signal('rescan');
    };
    return { startPage: pages(3, '', rescanOnce) };
  },
  'continued-as-new': () => ({ startPage: pages(4, padding) }),
};

const missing = (more: Partial<StartMissingResult>): StartMissingResult => ({
  looked: 3,
  started: 1,
  gone: 0,
  problems: [],
  ...more,
});

/** Rows of a kind in so many pages: the key begins with the page's number. */
const missingPages =
  (count: number, tail = '') =>
  async ({ after }: StartMissingInput): Promise<StartMissingResult> => {
    const at = after === undefined ? 0 : parseInt(after, 10);
    return missing(at + 1 < count ? { next: `${at + 1}${tail}` } : {});
  };

export const reconcileScenarios: Readonly<Record<string, Scenario>> = {
  'two-kinds': () => ({ startMissing: missingPages(2) }),
  'continued-as-new': () => ({ startMissing: missingPages(4, padding) }),
};
