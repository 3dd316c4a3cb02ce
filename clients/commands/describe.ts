import { ServiceError, WorkflowFailedError } from '@temporalio/client';
import { pageOfPhoto } from '../../domain/photo-name.ts';
import { skipAdvice } from '../../domain/skip-advice.ts';
import { answerTexts } from '../answer-words.ts';
import { type DescribedPhoto, describedPhoto } from '../described-photo.ts';
import type { Opened } from '../open.ts';
import { type Output, wrapped } from '../output.ts';
import { startDescribing } from '../start-describing.ts';
import { telling } from '../tell-waiting.ts';

export interface DescribeOptions {
  /** A file; or of an Immich a file name, an id or a link. */
  readonly photo: string;
  readonly json: boolean;
  readonly signal: AbortSignal;
  readonly sha256: (raw: Uint8Array) => string;
  /** Says on the error stream what is being waited for. */
  readonly note: (text: string) => void;
}

/** One photo, now: before everything else, printed when it is done. */
export async function describe(opened: Opened, out: Output, options: DescribeOptions): Promise<void> {
  const { photos } = opened;
  const photo = await describedPhoto(opened, options.photo, options.signal);
  const { asset, rawPath, library, shown } = photo;
  const workflowId = await startDescribing(opened, { asset, rawPath, kind: library.kind }, options.sha256);
  const name = library.kind === 'immich' ? shown : asset.path;
  options.note(`describing ${name} …  ${opened.pageOf(workflowId) ?? workflowId}`);
  const done = photos.result(workflowId, options.signal);
  const result = await telling(opened, { ...options, library, workflowId }, done).catch((error: unknown) =>
    Promise.reject(inWords(error)),
  );
  if (result.outcome === 'gone') throw new Error(`${shown} vanished: ${result.why}`);
  if (result.outcome === 'skipped') throw new Error(await leftAlone(opened, photo, result.why));
  const published = library.kind === 'immich' ? await publishedNote(opened, photo) : undefined;
  if (options.json) {
    const page = pageOfPhoto(asset, library);
    const more = { ...(page !== undefined && { page }), ...(published !== undefined && { published }) };
    return out.json({ asset, ...result, workflowId, webUi: opened.pageOf(workflowId), ...more });
  }
  for (const text of answerTexts(result.description)) for (const line of wrapped(text, out.columns)) out.line(line);
  if (published !== undefined) options.note(published);
}

/** What became of the text in Immich, as the run's story tells it. */
async function publishedNote({ queries }: Opened, { asset, library }: DescribedPhoto): Promise<string | undefined> {
  const last = await queries.lastRun(asset.assetId);
  const note = last?.story.findLast(({ step }) => step === 'publish')?.note;
  return note !== undefined && /first look/.test(note)
    ? `${note}; "darkroom backfill ${library.name} --go" ends it and writes it`
    : note;
}

async function leftAlone({ immich }: Opened, { asset, library, shown }: DescribedPhoto, why: string): Promise<string> {
  const [ways, records] = await Promise.all([immich.ways().catch(() => []), immich.store.libraries()]);
  const record = records.find(({ name }) => name === library.name);
  const policy = ways.find(({ keySha }) => keySha === record?.keySha)?.policy;
  const advice = skipAdvice(why, { policy });
  const name = library.kind === 'immich' ? shown : asset.path;
  return `${name} was left alone: ${why}.${advice === undefined ? '' : ` ${advice}`}`;
}

function inWords(error: unknown): unknown {
  if (error instanceof WorkflowFailedError) return new Error(error.cause?.message ?? error.message, { cause: error });
  if (!(error instanceof ServiceError)) return error;
  const message =
    'Temporal answers no more; was Darkroom stopped? The photo is not lost: the next "darkroom up" goes on with it.';
  return new ServiceError(message, { cause: error });
}
