import type { Activities } from '../domain/contract.ts';
import { isDomainError } from '../domain/errors.ts';
import type { OpenImmich } from '../domain/immich-store.ts';
import type { DueText, Judged, VerificationStore } from '../domain/verification-store.ts';
import { judgeLibraryWipes, readOnlyRemedy } from '../domain/publication.ts';
import {
  addVerified,
  firstLookAfterMs,
  lookAgainAfterMs,
  nothingLookedAt,
  type VerifyPageInput,
  type VerifyPageResult,
  type VerifyTally,
} from '../domain/verify.ts';
import { heartbeating } from './heartbeat.ts';
import type { ImmichDeps } from './immich-deps.ts';
import { type Finding, judgeTexts } from './judge-texts.ts';
import { meanToPutBack, putBack } from './put-back.ts';

type Libraries = Pick<ImmichDeps, 'immichs' | 'store' | 'videos' | 'sha256'>;

export interface VerifyDeps {
  readonly immich?: Libraries | undefined;
  /** Absent where there is no library with a field of its own. */
  readonly verifications?: VerificationStore | undefined;
  /** A person wants nothing to be written now. Absent: never. */
  readonly publishIsPaused?: (() => Promise<boolean>) | undefined;
  readonly now: () => number;
}

export type Verifying = Libraries &
  Pick<VerifyDeps, 'now' | 'publishIsPaused'> & { readonly verifications: VerificationStore };

/** Texts for one page: a request or two of Immich where they were taken near each other. */
const pageSize = 500;
/** A library that lost what was written long ago may keep it now. */
const wipesSinceMs = 86_400_000;
const writesAtOnce = 4;

/** What was written is looked at again; what Immich lost is put back once, and what a person did stays done. */
export const createVerifyActivities = ({
  immich,
  verifications,
  publishIsPaused,
  now,
}: VerifyDeps): Pick<Activities, 'verifyPage' | 'keepVerified'> => ({
  verifyPage: (input) =>
    heartbeating(async (signal) =>
      immich === undefined || verifications === undefined
        ? nothingLookedAt
        : await verifyPage({ ...immich, verifications, publishIsPaused, now }, input, signal),
    ),
  keepVerified: (report) => heartbeating(async () => await verifications?.keep(report)),
});

async function verifyPage(
  deps: Verifying,
  { kind, after, startedAt, without }: VerifyPageInput,
  signal: AbortSignal,
): Promise<VerifyPageResult> {
  const before = startedAt - (kind === 'fresh' ? firstLookAfterMs : lookAgainAfterMs);
  const { texts, next } = await deps.verifications.due({ kind, before, after, limit: pageSize, without });
  let sum = nothingLookedAt;
  for (const [library, ofLibrary] of Map.groupBy(texts, ({ asset }) => asset.library))
    sum = addVerified(sum, await verifyLibrary(deps, library, ofLibrary, signal));
  return { ...sum, ...(next !== undefined && { next }) };
}

async function verifyLibrary(
  deps: Verifying,
  library: string,
  texts: readonly DueText[],
  signal: AbortSignal,
): Promise<VerifyTally> {
  try {
    const open = await deps.immichs.of(library, { fresh: true });
    if (open === undefined) return nothingLookedAt;
    const judged = await judgeTexts(deps, open, texts, signal);
    return addVerified(await actOn(deps, open, judged.findings, signal), { ...nothingLookedAt, ...judged.said });
  } catch (error) {
    signal.throwIfAborted();
    // Its database is not ours: that one's faults end the attempt, and the next one goes on.
    if (!isDomainError(error) || error.code === 'DatabaseUnavailable') throw error;
    return { ...nothingLookedAt, problems: [`${library}: ${error.message}`], away: [library] };
  }
}

async function actOn(
  deps: Verifying,
  open: OpenImmich,
  findings: readonly Finding[],
  signal: AbortSignal,
): Promise<VerifyTally> {
  const said = await keepReadOnly(deps, open, findings);
  await deps.verifications.judged(findings.flatMap(judgedOf), deps.now());
  const lost = findings.filter(({ verdict }) => verdict === 'put-back');
  const ended = await putBackAll(deps, open, lost, signal);
  const count = (verdict: Finding['verdict']) => findings.filter((one) => one.verdict === verdict).length;
  return {
    looked: findings.length,
    stands: count('stands') + count('again'),
    putBack: ended.putBack,
    wiped: count('wiped'),
    cleared: count('cleared'),
    edited: count('edited'),
    unsure: count('unsure'),
    gone: count('gone'),
    problems: [...said, ...ended.said],
    away: [],
  };
}

async function putBackAll(
  deps: Verifying,
  open: OpenImmich,
  lost: readonly Finding[],
  signal: AbortSignal,
): Promise<{ putBack: number; said: readonly string[] }> {
  if (lost.length > 0 && (await deps.publishIsPaused?.()) === true) {
    // Kept as meant, so that a pause of hours does not make it one of those of which nobody knows.
    for (const one of lost) await meanToPutBack(deps, one);
    const said = `${open.record.name}: ${lost.length} texts that Immich lost are put back when publish is not paused any more`;
    return { putBack: 0, said: [said] };
  }
  let count = 0;
  for (let at = 0; at < lost.length; at += writesAtOnce) {
    signal.throwIfAborted();
    const some = lost.slice(at, at + writesAtOnce);
    const results = await Promise.all(some.map((one) => putBack(deps, open, one, signal)));
    count += results.filter((result) => result === 'put back').length;
  }
  return { putBack: count, said: [] };
}

function judgedOf({ text, verdict }: Finding): readonly Judged[] {
  if (verdict === 'put-back') return [];
  const { asset, textSha } = text;
  return [{ assetId: asset.assetId, textSha, verdict: verdict === 'gone' ? 'stands' : verdict }];
}

/**
 * Before the rows are changed, so that a crash in between is judged once more: is it of any use to write to this library? Says
 * so where it is none; a library that keeps what is written again is one to write to.
 */
async function keepReadOnly(
  { verifications, store, now }: Verifying,
  { record }: OpenImmich,
  findings: readonly Finding[],
): Promise<readonly string[]> {
  const fresh = findings.filter(({ text }) => text.publication.verifiedAt === undefined);
  const wiped = fresh.filter(({ verdict }) => verdict === 'wiped');
  const again = wiped.filter(({ text }) => text.publication.rewrites > 0).length;
  const stands = fresh.filter(({ verdict }) => verdict === 'stands').length;
  const { id, name, readOnlySince } = record;
  const said = `${name} ${readOnlyRemedy}`;
  if (readOnlySince === undefined) {
    if (again === 0) return [];
    const kept = await verifications.wipes(id, now() - wipesSinceMs);
    const verified = kept.verified + stands;
    const counts = {
      verified,
      wiped: kept.wiped + wiped.length,
      rewrittenAndWipedAgain: kept.rewrittenAndWipedAgain + again,
    };
    if (judgeLibraryWipes(counts) === 'fine') return [];
    await store.setReadOnly(id, now());
    return [said];
  }
  const since = fresh.filter(({ text: { publication } }) => (publication.writtenAt ?? 0) > readOnlySince);
  const standsSince = since.filter(({ verdict }) => verdict === 'stands').length;
  const wipedSince = since.filter(({ verdict }) => verdict === 'wiped').length;
  if (standsSince > 0 && wipedSince === 0) await store.setReadOnly(id, undefined);
  return wiped.length > 0 ? [said] : [];
}
