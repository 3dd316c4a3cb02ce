import type { Opened } from '../open.ts';
import { grouped, type Output, wrapped } from '../output.ts';
import { UsageError } from '../usage-error.ts';

export interface PutBackDeps {
  readonly immich: { readonly store: Pick<Opened['immich']['store'], 'libraries'> };
  readonly lost: Opened['lost'];
  readonly settings: Pick<Opened['settings'], 'IMMICH_VERIFY_MIN'>;
}

/**
 * A person has seen to it that Immich keeps what is written: what it lost is looked at like new in the next round, and put back
 * where it is still gone. Throws UsageError.
 */
export async function putBack(
  { immich, lost, settings }: PutBackDeps,
  out: Output,
  { name, json }: { name: string | undefined; json: boolean },
): Promise<void> {
  const records = await immich.store.libraries();
  const names = records.map((record) => record.name).join(', ');
  const [record, another] = records.filter((one) => name === undefined || one.name === name);
  if (record === undefined)
    throw new UsageError(
      names === '' ? 'There is no library of an Immich.' : `There is no ${name}. There are: ${names}.`,
    );
  if (another !== undefined) throw new UsageError(`Which library? There are: ${names}.`);
  const count = await lost.tryAgain(record.id, Date.now());
  if (json) return out.json({ library: record.name, texts: count });
  for (const line of wrapped(told(record.name, count, settings.IMMICH_VERIFY_MIN), out.columns)) out.line(line);
}

function told(library: string, count: number, everyMin: number): string {
  if (count === 0) return `${library}: no text is lost.`;
  const when = everyMin === 0 ? 'when IMMICH_VERIFY_MIN is not 0' : `within ${everyMin + 2} minutes`;
  return `${library}: ${grouped(count)} lost ${count === 1 ? 'text is' : 'texts are'} written once more ${when}, where nobody wrote meanwhile.`;
}
