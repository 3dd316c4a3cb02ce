import type { SettleCheck } from '../domain/contract.ts';
import type { PictureReader } from '../domain/ports.ts';
import { promptFacts } from '../domain/recipe.ts';
import { judgeSettled, type Observation } from '../domain/settle.ts';
import type { Folders } from './folders.ts';
import type { PhotoSource } from './sources.ts';

export interface FolderSourceDeps {
  readonly folders: Folders;
  readonly pictures: Pick<PictureReader, 'read'>;
  readonly now: () => number;
}

/** Photos that are files in a folder. */
export function folderSource({ folders, pictures, now }: FolderSourceDeps): PhotoSource {
  return {
    async look(asset, { first, quietMs }): Promise<SettleCheck> {
      const { folder, rawPath } = await folders.locate(asset);
      const stat = await folder.stat(rawPath);
      if (stat === undefined) return { verdict: 'gone', why: 'there is no file of this name any more' };
      const look: Observation = { stat, at: now() };
      const judged = judgeSettled(first, look, quietMs);
      if (judged.verdict !== 'wait') return { verdict: judged.verdict, stat };
      const unchanged = first !== undefined && first.stat.size === stat.size && first.stat.mtimeMs === stat.mtimeMs;
      const why = stat.size === 0 ? 'the file is empty so far' : 'waiting until the file is whole';
      return { verdict: 'wait', waitMs: judged.waitMs, first: unchanged ? first : look, why };
    },
    async version(asset) {
      const { folder, rawPath } = await folders.locate(asset);
      return await folder.stat(rawPath);
    },
    async read(asset, { expected, longSide, signal }) {
      const { folder, rawPath } = await folders.locate(asset);
      return await pictures.read({ path: await folder.resolve(rawPath), expected, longSide, signal });
    },
    tell: async (_asset, content) => ({ facts: promptFacts(content.capture) }),
  };
}
