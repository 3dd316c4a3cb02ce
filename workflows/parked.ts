import type { FileStat } from '../domain/asset.ts';
import type { Failure } from '../domain/contract.ts';
import type { DescriptionKey } from '../domain/recipe.ts';

/** This photo needs a person. Thrown inside a run only; the run writes it down before it fails. */
export class Parked extends Error {
  override readonly name = 'Parked';
  readonly failure: Failure;
  readonly seen: { readonly key?: DescriptionKey; readonly stat?: FileStat };
  constructor({ step, code, reason, tries }: Failure, seen: { key?: DescriptionKey; stat?: FileStat }) {
    super(reason);
    this.failure = { step, code, reason, tries };
    this.seen = seen;
  }
}
