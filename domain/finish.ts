/** Key of the fact under which an engine keeps what it has to tell when everything is done: `FinishState`. */
export const finishKey = 'finish';

/** What was done between the first photo of it and the last one. */
export interface Finished {
  readonly described: number;
  readonly parked: number;
  /** Milliseconds from the moment that there was something to do until the last photo's end. */
  readonly ms: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Kept over restarts, so that everybody is told once. */
export interface FinishState {
  /** Since when there has been something to do, in milliseconds since 1970; absent while there is nothing. */
  readonly since?: number | undefined;
  /** Still to be told to the person at the terminal. */
  readonly toSay?: Finished | undefined;
  /** Still to be sent to DARKROOM_NOTIFY_URL. */
  readonly toSend?: Finished | undefined;
}

/** What ended since a moment; `lastAt` is absent where nothing did. */
export interface EndedPhotos {
  readonly described: number;
  readonly parked: number;
  readonly lastAt?: number | undefined;
}

/** There is something to do: from now on what ends is counted, unless it is already. */
export const begun = (state: FinishState, now: number): FinishState =>
  state.since === undefined ? { ...state, since: now } : state;

/**
 * Nothing is left of what there was to do since `since`. Without a description there is nothing to tell: what was parked
 * stands in `status`. What could not be sent yet is sent together with this.
 */
export function ended(
  state: FinishState,
  { described, parked, lastAt }: EndedPhotos,
  { send }: { send: boolean },
): FinishState {
  const { since, ...rest } = state;
  if (since === undefined || described === 0 || lastAt === undefined) return rest;
  const done: Finished = { described, parked, ms: Math.max(0, lastAt - since), at: lastAt };
  return { toSay: together(rest.toSay, done), ...(send && { toSend: together(rest.toSend, done) }) };
}

const together = (before: Finished | undefined, done: Finished): Finished =>
  before === undefined
    ? done
    : {
        described: before.described + done.described,
        parked: before.parked + done.parked,
        ms: before.ms + done.ms,
        at: done.at,
      };

/** `1,204 described, 3 parked, in 2 h 10 min`. */
export function finishedInWords({ described, parked, ms }: Finished): string {
  const count = (number: number) => number.toLocaleString('en-US');
  return [
    `${count(described)} described`,
    ...(parked === 0 ? [] : [`${count(parked)} parked`]),
    `in ${exactly(ms)}`,
  ].join(', ');
}

/** `35 s`, `12 min`, `2 h 10 min`, `3 days 4 h`: two units at most. */
function exactly(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return withRest(`${hours} h`, minutes % 60, 'min');
  const allHours = Math.round(minutes / 60);
  return withRest(`${Math.floor(allHours / 24)} days`, allHours % 24, 'h');
}

const withRest = (first: string, rest: number, unit: string): string =>
  rest === 0 ? first : `${first} ${rest} ${unit}`;
