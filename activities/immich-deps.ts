import type { Wrapper } from '../domain/field-text.ts';
import type { ImmichStore, OpenImmichs, PublicationStore } from '../domain/immich-store.ts';
import type { RecentAssets } from './recent-assets.ts';

/** What the steps need of Immich libraries, whichever way they are reached. */
export interface ImmichDeps {
  readonly immichs: OpenImmichs;
  readonly store: ImmichStore;
  readonly publications: PublicationStore;
  /** What pages and polls have just shown. */
  readonly recent: RecentAssets;
  /** Milliseconds that a photo is waited for: until its preview is there, and until its people are recognised. */
  readonly waits: { readonly previewWaitMs: number; readonly peopleWaitMs: number };
  readonly videos: boolean;
  /** Does the wanted prompt name albums? They cost a request of their own. */
  readonly tellsAlbums: boolean;
  /** Does it tell a photo's tags? Pages of Immich's search leave them out. */
  readonly tellsTags: boolean;
  /** Does it tell who is on a photo? Only then names that are given later make a text outdated. */
  readonly tellsPeople: boolean;
  /** Are faces looked for on its photos? `auto`: where Immich recognises none. */
  readonly looksForFaces: 'auto' | 'on' | 'off';
  /** Photos that are shown before anything is written. */
  readonly firstLookCount: number;
  readonly wrapper: Wrapper;
  /** Texts that cameras write (DESCRIPTION_IGNORE). */
  readonly ignore: readonly string[];
  /** Tags of a structured answer are put on the photo. */
  readonly publishesTags: boolean;
  readonly sha256: (text: string) => string;
}
