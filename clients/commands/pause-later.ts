import { clock, pausable } from '../../domain/pause.ts';
import { plansInWords } from '../../domain/planned-pause.ts';
import type { Opened } from '../open.ts';
import type { Output } from '../output.ts';
import { pauseOf, type QueuePauseOptions, say } from './pause.ts';

/** Plans a pause that begins at `begin`. It takes the place of what is planned for the same work; pauses that hold stay. */
export async function pauseLater(
  { planned }: Pick<Opened, 'planned'>,
  out: Output,
  options: QueuePauseOptions & { begin: number },
): Promise<void> {
  const { what, begin, until, force, json } = options;
  const made = pauseOf(options, begin);
  const plans = pausable[what].map((queue) => ({ queue, ...made, force }));
  const replaced = await planned.plan(plans);
  if (json) return out.json({ planned: plans, replaced });
  const now = Date.now();
  const ends = until === undefined ? 'until "darkroom resume"' : `until ${clock(until, now)}`;
  const name = what === 'all' ? 'Everything' : `${what.slice(0, 1).toUpperCase()}${what.slice(1)}`;
  say(out, `${name} will be paused at ${clock(begin, now)}, ${ends}. "darkroom resume ${what}" before then drops it.`);
  for (const line of plansInWords(replaced, now)) say(out, `It replaces: ${line}`);
}
