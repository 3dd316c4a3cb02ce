import type { HostMemory } from '../../domain/host-ports.ts';
import { startOfDay } from './budget.ts';
import type { Entry } from './entry.ts';

/** A day's cap may be passed by what several workers use within this time; a sum over a day of rows costs some 30 ms. */
const everyMs = 60_000;

interface Deps {
  readonly memory: HostMemory;
  readonly now: () => number;
}

/** Brings the tokens of today up to what the rows say: of the time before this start, and of other workers. */
export async function readSpentTokens(entries: readonly Entry[], { memory, now }: Deps): Promise<void> {
  const capped = entries.filter(({ host }) => host.tokensPerDay !== undefined);
  if (capped.length === 0) return;
  const spent = await memory.tokensSince(startOfDay(now()));
  for (const { host, shared } of capped) {
    const known = spent.filter((one) => one.host === host.label).reduce((sum, { tokens }) => sum + tokens, 0);
    shared.budget.spent(Math.max(0, known - shared.budget.tokensToday(now())), now());
  }
}

/** Reads them again and again. A database that is away is asked a minute later. Ends with `close`. */
export function keepReadingSpentTokens(deps: Deps & { entries: () => readonly Entry[]; onChange: () => void }) {
  const read = () => readSpentTokens(deps.entries(), deps).then(deps.onChange, () => undefined);
  const timer = setInterval(() => void read(), everyMs).unref();
  return { close: () => clearInterval(timer) };
}
