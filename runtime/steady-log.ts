/**
 * Says a thing once, not every second: the same text again within `quietMs` is only counted, and the count is given when
 * it is said next. A server that is away makes the SDK's core complain several times a second.
 */
export function createSteadyLog(say: (key: string, repeated: number) => void, now: () => number, quietMs = 60_000) {
  const said = new Map<string, { at: number; repeated: number }>();
  return (key: string): void => {
    const last = said.get(key);
    if (last !== undefined && now() - last.at < quietMs) {
      last.repeated += 1;
      return;
    }
    said.set(key, { at: now(), repeated: 0 });
    // The texts are few; a bound all the same, because some carry ids.
    if (said.size > 500) said.delete(said.keys().next().value ?? key);
    say(key, last?.repeated ?? 0);
  };
}
