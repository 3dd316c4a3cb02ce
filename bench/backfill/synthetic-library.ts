import type { FileStat } from '../../domain/asset.ts';
import type { Activities } from '../../domain/contract.ts';
import type { Folder, FoundFile } from '../../domain/ports.ts';
import { nothingUndone } from '../../domain/undo.ts';
import { nothingLookedAt } from '../../domain/verify.ts';

export const recipeHash = 'd'.repeat(64);
const stat: FileStat = { size: 10, mtimeMs: 1_700_000_000_000, ctimeMs: 1_700_000_000_000, inode: '1' };
const pathOf = (at: number): string =>
  `${1995 + Math.floor(at / 10_000)}/${Math.floor(at / 500)}/IMG_${String(at).padStart(8, '0')}.jpg`;

/** A library of `count` files that no disk has, in pages made as they are asked for. SIMULATED. */
export const syntheticFolder = (count: number): Folder => ({
  root: '/synthetic',
  async page({ cursor, limit }) {
    const from = cursor === undefined ? 0 : Number(cursor);
    const to = Math.min(count, from + limit);
    const files: FoundFile[] = [];
    for (let at = from; at < to; at += 1) files.push({ rawPath: Buffer.from(pathOf(at)), kind: 'photo', stat });
    return { files, problems: [], next: to < count ? String(to) : undefined };
  },
  stat: async () => stat,
  resolve: async (rawPath) => Buffer.from(rawPath),
});

/** The same paths as SQL, of `generate_series(0, …) as at`. */
export const pathSql =
  "(1995 + at / 10000)::text || '/' || (at / 500)::text || '/IMG_' || lpad(at::text, 8, '0') || '.jpg'";

const key = { contentHash: 'c'.repeat(64), recipeHash, factsHash: 'f'.repeat(64) };
const description = { text: 'SIMULATED', model: 'none', host: 'none', simulated: true, totalMs: 0 };

/** Steps that take no time and keep nothing. SIMULATED. `onEnd` is told of each run's last step. */
export const noSteps = (onEnd: () => void): Omit<Activities, 'startPage'> => ({
  checkSettled: async () => ({ verdict: 'whole', stat }),
  fingerprint: async () => ({ kind: 'known', contentHash: key.contentHash, facts: {}, summary: 'SIMULATED' }),
  findFaces: async () => ({ kind: 'looked', people: [], note: 'SIMULATED' }),
  claimDescription: async () => ({ kind: 'mine', key, model: 'none' }),
  describePhoto: async () => ({ kind: 'described', description }),
  publish: async () => ({ kind: 'written', note: 'SIMULATED' }),
  finishRun: async () => onEnd(),
  markWaiting: async () => undefined,
  keepBackfill: async () => undefined,
  startMissing: async () => {
    throw new Error('no bench asks for it');
  },
  passLibraries: async () => ({ passes: [] }),
  keepReconciled: async () => undefined,
  keepWindows: async () => ({ closed: [], opened: [] }),
  verifyPage: async () => nothingLookedAt,
  keepVerified: async () => undefined,
  undoPage: async () => nothingUndone,
  countUndoable: async () => ({ count: 0 }),
  clusterFaces: async () => ({ looked: 0, assigned: 0, people: 0, suggested: 0, deferred: 0 }),
});
