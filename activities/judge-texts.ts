import { assetIdOf } from '../domain/immich-rules.ts';
import type { OpenImmich } from '../domain/immich-store.ts';
import { judgeVerified, mayPutBack, tooManyCleared } from '../domain/publication.ts';
import type { DueText } from '../domain/verification-store.ts';
import { readBack } from './read-back.ts';
import type { Verifying } from './verify.ts';

/** What was found of one text, and what is to be done: `again` was put back before, and stands. */
export interface Finding {
  readonly text: DueText;
  /** Of the photo in Immich. */
  readonly immichId: string;
  /** The field as it was read. */
  readonly field: string;
  readonly verdict: 'stands' | 'again' | 'put-back' | 'wiped' | 'cleared' | 'edited' | 'unsure' | 'gone';
}

interface Judgement {
  readonly findings: readonly Finding[];
  readonly said: { readonly problems: readonly string[] };
}

/** Reads the fields of these texts, which are all of one library, and decides what has become of each. Throws the faults of the library. */
export async function judgeTexts(
  deps: Pick<Verifying, 'sha256' | 'now' | 'videos'>,
  open: OpenImmich,
  texts: readonly DueText[],
  signal: AbortSignal,
): Promise<Judgement> {
  const known = texts.map((text) => ({ text, immichId: assetIdOf(text.asset.path) ?? '' }));
  const wanted = known.filter(({ immichId }) => immichId !== '');
  const found = await readBack(
    { immich: open.immich, videos: deps.videos },
    wanted.map(({ text, immichId }) => ({ id: immichId, taken: text.taken })),
    signal,
  );
  const at = deps.now();
  const findings = known.map(({ text, immichId }): Finding => {
    const field = found.get(immichId)?.description;
    if (field === undefined) return { text, immichId, field: '', verdict: 'gone' };
    return { text, immichId, field, verdict: verdictOn(deps, open, { text, field, at }) };
  });
  const cleared = findings.filter(({ verdict }) => verdict === 'cleared' || verdict === 'unsure').length;
  if (!tooManyCleared({ checked: texts.length, cleared })) return { findings, said: { problems: [] } };
  return {
    findings: findings.map((one) => (one.verdict === 'cleared' ? { ...one, verdict: 'unsure' } : one)),
    said: { problems: [manyGone(open.record.name, cleared)] },
  };
}

interface Looked {
  readonly text: DueText;
  readonly field: string;
  readonly at: number;
}

function verdictOn(
  { sha256 }: Pick<Verifying, 'sha256'>,
  { record }: OpenImmich,
  { text: { publication, wasUnsure }, field, at }: Looked,
): Finding['verdict'] {
  const { state, shas, before, rewrites, verifiedAt, intended = '' } = publication;
  // Meant to be put back when a process ended: nobody knows whether it was written.
  const isUnderWay = state === 'intended';
  const firstVerification = isUnderWay || verifiedAt === undefined || wasUnsure;
  const verdict = judgeVerified({
    writtenAt: isUnderWay ? at : (publication.writtenAt ?? 0),
    now: at,
    firstVerification,
    field,
    before,
    ours: shas,
    sha: sha256,
  });
  if (verdict === 'stands') return isUnderWay ? 'again' : 'stands';
  // Nobody looked while it could have been told whose doing it is.
  if (verdict === 'cleared' && firstVerification) return 'unsure';
  if (verdict !== 'wiped') return verdict;
  // What stood there before stands there again, and ours was in its place: it may be the person who put it back.
  if (!intended.includes(field)) return 'edited';
  const isReadOnly = record.readOnlySince !== undefined;
  return isUnderWay || mayPutBack({ rewrites, isReadOnly }) ? 'put-back' : 'wiped';
}

const manyGone = (library: string, count: number): string =>
  `${library}: ${count} texts that Darkroom wrote are gone, too many at once for a person to have taken them out. ` +
  'Nothing was changed. Was a backup restored, or were files read again that lack their .xmp? ' +
  `If they should be there: darkroom put-back ${library}`;
