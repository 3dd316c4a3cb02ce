import { sleep } from '@temporalio/workflow';
import type { AssetRef } from '../domain/asset.ts';
import type { FindFacesInput, FindFacesResult, FingerprintResult } from '../domain/contract.ts';
import { quietMs } from '../domain/settle.ts';
import { startOver } from './start-over.ts';
import { contentFault, facesStep } from './steps.ts';
import type { Story } from './story.ts';

type Print = Extract<FingerprintResult, { kind: 'known' }>;

/** Who is on it, as far as that is known. Asked for by what the fingerprint answered, so that old histories go on without it. */
export async function faces(asset: AssetRef, print: Print, story: Story): Promise<Print> {
  const { contentHash, facts } = print;
  if (print.faces?.kind !== 'wanted') {
    story.tell('faces', print.faces?.note ?? 'skipped: no face service is set up');
    return print;
  }
  story.tell('faces', 'looking for faces');
  const { people, takenAt, keywords } = facts;
  const known = { ...(people && { people }), ...(takenAt && { takenAt }), ...(keywords && { keywords }) };
  const result = await look({ asset, contentHash, facts: known });
  if (result.kind === 'torn') {
    // A breath, so that two steps which never agree do not chase each other.
    await sleep(quietMs, { summary: 'it changed before faces were looked for' });
    return await startOver(asset);
  }
  story.tell('faces', result.note);
  return { ...print, facts: { ...facts, ...(result.people.length > 0 && { people: result.people }) } };
}

/** A picture that cannot be read a second time is described all the same, if it can be: `describe` parks it if not. */
async function look(input: FindFacesInput): Promise<FindFacesResult> {
  try {
    return await facesStep('look for faces')(input);
  } catch (error) {
    const fault = contentFault(error);
    if (fault === undefined) throw error;
    return { kind: 'looked', people: input.facts.people ?? [], note: `not possible: ${fault.reason}` };
  }
}
