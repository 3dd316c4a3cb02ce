import type { ImmichAsset } from '../../domain/immich.ts';
import { answered, type ImmichApi } from './api.ts';
import { assetOf } from './asset-answer.ts';
import { AnswerTooLarge } from './connection.ts';
import { type Question, searchAnswer, type SearchForm } from './search-form.ts';

export interface Rows {
  /** In the server's order: newest first. */
  readonly assets: readonly ImmichAsset[];
  /** For the same question again; undefined at the end. */
  readonly next: string | undefined;
  /** The server knows the filter. */
  readonly knowsFilter: boolean;
}

export interface SearchDeps {
  readonly api: ImmichApi;
  readonly limitMs: number;
  /** A row of an answer is no asset that can be read. */
  readonly onStrange: (row: unknown) => void;
}

/** The server does not understand this form of asking, or passes over it. */
export class WrongForm extends Error {
  override readonly name = 'WrongForm';
}

/** One question, and in which form it is put. */
export interface Asking {
  readonly form: SearchForm;
  readonly question: Question;
  readonly size: number;
  readonly signal: AbortSignal;
}

/**
 * All rows behind one question, request by request, until one of them is new to the caller: at an instant with more photos
 * than a page holds, whole requests bring nothing but what was told before. A thousand descriptions of 60 KB are more than we
 * take at once; half as many are asked for then, from the beginning, because the server counts its pages by their size.
 */
export async function rowsUntilNew(
  deps: SearchDeps,
  asking: Asking,
  isNew: (asset: ImmichAsset) => boolean,
): Promise<Rows> {
  const assets: ImmichAsset[] = [];
  let rows: Rows | undefined;
  try {
    do {
      rows = await askOnce(deps, asking, rows?.next);
      assets.push(...rows.assets);
    } while (rows.next !== undefined && !rows.assets.some(isNew));
    return { ...rows, assets };
  } catch (error) {
    if (!(error instanceof AnswerTooLarge)) throw error;
    return rowsUntilNew(deps, { ...asking, size: Math.ceil(asking.size / 2) }, isNew);
  }
}

async function askOnce(
  { api, limitMs, onStrange }: SearchDeps,
  { form, question, size, signal }: Asking,
  page: string | undefined,
): Promise<Rows> {
  const call = { method: 'POST', path: '/search/metadata', needs: 'asset.read', signal, limitMs } as const;
  const outcome = await api.json({ ...call, body: question(page, size), mayAskForLess: size > 1 }, searchAnswer);
  if (outcome.kind === 'bad-request') throw new WrongForm(outcome.fault.message, { cause: outcome.fault });
  const { items, nextPage, nextCursor } = answered(outcome).assets;
  const knowsFilter = nextCursor !== undefined;
  if (form === 'filter' && !knowsFilter) throw new WrongForm('It passes over the filter.');
  const assets = items.flatMap((item) => assetOf(item) ?? (onStrange(item), []));
  return { assets, next: (form === 'filter' ? nextCursor : nextPage) ?? undefined, knowsFilter };
}
