import { clusteredInWords } from '../../domain/cluster-round.ts';
import { followRun } from '../follow-run.ts';
import type { Opened } from '../open.ts';
import { type Output, wrapped } from '../output.ts';

export interface PeopleClusterOptions {
  readonly json: boolean;
  /** One line that is written over; an empty one takes it away. */
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Looks now whose the faces are that nobody has, and waits for the end. Returns the exit code: 1 after Ctrl-C, which leaves it to itself. */
export async function clusterPeople(
  { clusterings, settings, pageOf }: Pick<Opened, 'clusterings' | 'settings' | 'pageOf'>,
  out: Output,
  { json, progress, signal }: PeopleClusterOptions,
): Promise<number> {
  const run = await clusterings.begin(settings.FACE_MODEL);
  const page = pageOf(run.workflowId);
  const round = await followRun(run, out, { progress, inWords: clusteredInWords, page, signal });
  if (round === undefined) return 1;
  if (json) out.json({ ...round });
  else {
    const words = clusteredInWords(round);
    for (const line of wrapped(`${words.charAt(0).toUpperCase()}${words.slice(1)}.`, out.columns)) out.line(line);
  }
  return 0;
}
