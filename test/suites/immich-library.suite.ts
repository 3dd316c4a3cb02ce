import { describe } from 'node:test';
import type { ImmichWorld, WorldKind } from '../support/immich-world.ts';
import { immichAccountSuite } from './immich-account.suite.ts';
import { immichAssetSuite } from './immich-assets.suite.ts';
import { immichPageSuite } from './immich-pages.suite.ts';
import { immichWriteSuite } from './immich-writes.suite.ts';

/** What every ImmichLibrary promises. `makeWorld` gives an Immich without any asset; the suite closes it. */
export function immichLibrarySuite(name: string, makeWorld: () => Promise<ImmichWorld>, kind: WorldKind): void {
  describe(`Immich library: ${name}`, () => {
    immichAccountSuite(makeWorld);
    immichAssetSuite(makeWorld);
    immichPageSuite(makeWorld);
    immichWriteSuite(makeWorld, kind);
  });
}
