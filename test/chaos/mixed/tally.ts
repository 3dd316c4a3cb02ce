import type { LoggedCall } from './call-log.ts';
import type { PlannedPhoto } from './library.ts';
import type { PhotoRow } from './rows.ts';
import type { Cut, Seen } from './scene.ts';

export interface Evidence extends Readonly<Seen> {
  readonly photos: readonly PlannedPhoto[];
  readonly rows: readonly PhotoRow[];
  /** Of all hosts. */
  readonly calls: readonly LoggedCall[];
  readonly openRuns: readonly string[];
}

export interface Tally {
  readonly described: number;
  readonly parked: number;
  readonly modelCalls: number;
  readonly callsInFlightAtKills: number;
  readonly wrongText: number;
  readonly stillRunning: number;
  /** Only where people write beside us. */
  readonly humanTextLost?: number;
  /** Calls beyond those that were needed. */
  readonly repeated: number;
  /** `code: file`, of each photo that was parked. */
  readonly failures: readonly string[];
  /** What was promised and is not so, in words, with the photo. */
  readonly broken: readonly string[];
}

/** An answer is saved within 4 s, or handed to Temporal then: until there it is in flight (adapters/postgres/connection.ts). */
const keepingMs = 5_000;
/** A request may be on its way to the host, and the end of one to whoever writes it down. */
const slackMs = 300;
/** A photo is parked at its second refusal. */
const refusalsUntilParked = 2;

/** Holds what the database, the hosts and Temporal say against what was planned and promised. */
export function tally(evidence: Evidence): Tally {
  const { photos, rows, openRuns, calls: all } = evidence;
  const ours = new Map(photos.flatMap((photo) => (photo.picture === undefined ? [] : [[photo.picture, photo]])));
  // A host that was away is tried with a drawing of ours: that is no photo.
  const calls = all.filter(({ picture }) => ours.has(picture));
  const wrong = wrongTexts(photos, rows, calls);
  const flying = calls.filter((call) => evidence.cuts.some((cut) => isInFlight(call, cut, rows)));
  const needed = [...ours.values()].reduce((sum, photo) => sum + neededFor(photo, calls), 0);
  const repeated = calls.length - needed;
  const inState = (state: string) => rows.filter((row) => row.state === state);
  return {
    described: inState('done').length,
    parked: inState('parked').length,
    modelCalls: calls.length,
    callsInFlightAtKills: flying.length,
    wrongText: wrong.length,
    stillRunning: openRuns.length,
    repeated,
    failures: rows.flatMap(({ failure, path }) => (failure === null ? [] : [`${failure}: ${path}`])),
    broken: [
      ...evidence.broken,
      ...wrongEnds(photos, rows),
      ...wrong,
      ...openRuns.map((id) => `still open: ${id}`),
      ...(repeated > flying.length ? [`${repeated} calls too many, and ${flying.length} were in flight`] : []),
      ...unexplained(calls, evidence, ours),
      ...duringPauses(calls, evidence),
    ],
  };
}

/** Calls that a photo needs, over all its copies. */
function neededFor({ fate, calls: wanted, picture }: PlannedPhoto, calls: readonly LoggedCall[]): number {
  if (wanted === 'none') return 0;
  if (wanted === 'some') return calls.filter((call) => call.picture === picture).length;
  return fate === 'refused' ? refusalsUntilParked : 1;
}

/** Photos whose end is another one than the script says. */
function wrongEnds(photos: readonly PlannedPhoto[], rows: readonly PhotoRow[]): string[] {
  const byPath = new Map(rows.map((row) => [row.path, row]));
  return photos.flatMap(({ path, fate, ends = ['done'] }) => {
    const row = byPath.get(path);
    const isEnd = row !== undefined && ends.includes(row.state) && row.failure === null;
    const isRight = fate === 'described' ? isEnd : isParkedAs(row, fate);
    if (isRight) return [];
    return [`${path} was to be ${fate}: ${row === undefined ? 'unknown' : wordsOf(row)}`];
  });
}

const codes = { refused: ['Refused', 'EmptyAnswer'], undecodable: ['Undecodable'] };

const isParkedAs = (row: PhotoRow | undefined, fate: 'refused' | 'undecodable'): boolean =>
  row?.state === 'parked' && codes[fate].some((code) => code === row.failure);

const wordsOf = ({ state, failure, waitingReason }: PhotoRow): string =>
  [state, failure, waitingReason].filter((word) => word !== null).join(', ');

/** Descriptions that no host sent whole for the picture that this very file makes. */
function wrongTexts(photos: readonly PlannedPhoto[], rows: readonly PhotoRow[], calls: readonly LoggedCall[]) {
  const sent = new Map(calls.map((call) => [call.text, call]));
  const byPath = new Map(photos.map((photo) => [photo.path, photo]));
  return rows.flatMap(({ path, text }) => {
    if (text === null) return [];
    const call = sent.get(text);
    if (call !== undefined && call.picture === byPath.get(path)?.picture && call.ended?.whole !== false) return [];
    return [`${path} has a text that no host sent for it: ${text}`];
  });
}

/** Begun before the cut was over; and either not ended when it began, or the answer not saved yet. */
function isInFlight(call: LoggedCall, { from, to, host }: Cut, rows: readonly PhotoRow[]): boolean {
  if (call.at > to + slackMs || (host !== undefined && host !== call.host)) return false;
  if (call.ended === undefined) return diedBy(call, to);
  if (!call.ended.whole) return call.ended.at >= from - slackMs;
  const saved = rows.find((row) => row.text === call.text)?.savedAt?.getTime();
  return saved === undefined || call.text === '' ? call.ended.at + keepingMs >= from : saved >= from;
}

/** A call without an end ended with its host, which is killed at most once while a call lasts. */
const longestCallMs = 5_000;
const diedBy = (call: LoggedCall, at: number): boolean => at - call.at <= longestCallMs;

/**
 * Every call whose answer is not the one that was kept must have been cut off. The end of Temporal or of the database alone is
 * no reason: what the one cannot take is kept by the other.
 */
function unexplained(calls: readonly LoggedCall[], evidence: Evidence, ours: ReadonlyMap<string, PlannedPhoto>) {
  const { rows, cuts } = evidence;
  const kept = new Set(rows.flatMap(({ text }) => text ?? []));
  const cutting = cuts.filter(({ kind }) => kind !== 'temporal' && kind !== 'database');
  const isOne = (photo: PlannedPhoto | undefined) => photo?.fate === 'described' && photo.calls === undefined;
  const spent = calls.filter(({ text, picture }) => !kept.has(text) && isOne(ours.get(picture)));
  return spent
    .filter((call) => !cutting.some((cut) => isInFlight(call, cut, rows)) && !bothAway(call, cuts))
    .map(({ id, picture, at, ended }) => {
      const how = ended === undefined ? 'no end' : `${ended.whole ? 'answered' : 'cut off'} at ${ended.at}`;
      const near = cuts.map((cut) => `${cut.kind} ${cut.from - at}`).join(', ');
      return `call ${id} (${at}, ${how}) for ${ours.get(picture)?.path} was for nothing; kills, in ms from its begin: ${near}`;
    });
}

/** An answer that comes while both are away can be kept by nobody. */
const outageMs = 8_000;
function bothAway({ ended, at }: LoggedCall, cuts: readonly Cut[]): boolean {
  const end = ended?.at ?? at;
  return (['temporal', 'database'] as const).every((kind) =>
    cuts.some((cut) => cut.kind === kind && cut.from <= end + keepingMs && cut.from >= end - outageMs),
  );
}

function duringPauses(calls: readonly LoggedCall[], { pauses }: Evidence): string[] {
  return calls
    .filter(({ at }) => pauses.some(({ from, to }) => at > from && at < to))
    .map(({ id, at }) => `call ${id} began at ${at}, during a pause`);
}
