import { reportedHosts } from './host-report.ts';
import type { Opened } from './open.ts';
import { grouped, type Output, wrapped } from './output.ts';
import { span } from './progress-line.ts';

export interface Cost {
  /** Absent where no host has answered yet. */
  readonly hours?: number;
  readonly tokens?: number;
}

/** By what calls took until now, on the hosts that are there. Copies cost nothing, so it is the most. */
export async function costOf(opened: Pick<Opened, 'queries' | 'facts'>, photos: number): Promise<Cost> {
  const [totals, hosts] = await Promise.all([opened.queries.hostTotals(), reportedHosts(opened)]);
  const calls = totals.reduce((sum, one) => sum + one.calls, 0);
  const slots = hosts
    .filter(({ state }) => state === 'ready' || state === 'busy')
    .reduce((sum, one) => sum + one.slots, 0);
  if (calls === 0) return {};
  const ms = totals.reduce((sum, one) => sum + one.totalMs, 0) / calls;
  const tokens = totals.reduce((sum, one) => sum + one.promptTokens + one.answerTokens, 0) / calls;
  return {
    tokens: Math.round(tokens * photos),
    ...(slots > 0 && { hours: (ms * photos) / slots / 3_600_000 }),
  };
}

export interface Plan extends Cost {
  readonly what: string;
  readonly photos: number;
  readonly wanted: number;
  readonly json: boolean;
}

/** What a backfill would do, and what it would cost. */
export function tellPlan(out: Output, { what, photos, wanted, json, hours, tokens }: Plan): void {
  if (json) return out.json({ dryRun: true, photos, wanted, hours, tokens });
  const text = `Would do ${grouped(wanted)} of ${grouped(photos)} ${what}. ${costInWords({ hours, tokens })}`;
  for (const line of wrapped(text, out.columns)) out.line(line);
}

function costInWords({ hours, tokens }: { hours: number | undefined; tokens: number | undefined }): string {
  if (tokens === undefined) return 'How long it takes is known when a host has answered.';
  const bill = `${grouped(tokens)} tokens; copies cost nothing.`;
  if (hours === undefined) return `No host is there now. At most ${bill}`;
  return `At most ${span(hours * 60)} on the hosts that are there and ${bill}`;
}
