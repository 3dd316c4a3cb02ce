import { type TestContext, test } from 'node:test';
import type { ImmichAsset, ImmichPageInput } from '../../domain/immich.ts';
import type { ImmichWorld } from './immich-world.ts';

/** Real servers answer within milliseconds; this only ends a test that would hang. */
export const patience = (): AbortSignal => AbortSignal.timeout(60_000);

/** One test in an Immich of its own. */
export const inWorld =
  (makeWorld: () => Promise<ImmichWorld>) =>
  (name: string, body: (world: ImmichWorld) => Promise<void>): void =>
    void test(name, async (t: TestContext) => {
      const world = await makeWorld();
      t.after(() => world.close());
      await body(world);
    });

/** The asset, which has to be there. */
export async function assetIn({ library }: ImmichWorld, id: string): Promise<ImmichAsset> {
  const asset = await library.asset(id, patience());
  if (asset === undefined) throw new Error(`There is no asset ${id}.`);
  return asset;
}

type Choice = Omit<Partial<ImmichPageInput>, 'cursor' | 'signal'>;

/** Walks to the end, or `pages` pages far; `between` is called after each page. */
export async function walk(
  { library }: ImmichWorld,
  choice: Choice = {},
  between: (page: readonly ImmichAsset[]) => Promise<void> = async () => {},
): Promise<ImmichAsset[]> {
  const found: ImmichAsset[] = [];
  let cursor: string | undefined;
  do {
    const page = await library.page({ limit: 100, ...choice, cursor, signal: patience() });
    found.push(...page.assets);
    cursor = page.next;
    await between(page.assets);
  } while (cursor !== undefined);
  return found;
}

/** The ids of a walk, in its order. */
export const idsOf = (assets: readonly ImmichAsset[]): string[] => assets.map(({ id }) => id);
