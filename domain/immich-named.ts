/** An album or a person: workflows know of these too, and have no `AbortSignal`, which the rest of domain/immich.ts speaks of. */
export interface ImmichNamed {
  readonly id: string;
  readonly name: string;
}
