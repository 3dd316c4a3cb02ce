import { trimStory } from '../../adapters/postgres/trim-story.ts';
import { type AssetState, type Content, type FileStat, sameFile } from '../../domain/asset.ts';
import type { FinishInput } from '../../domain/contract.ts';
import type { Description } from '../../domain/description.ts';
import { needsRun, stateWhenFound } from '../../domain/needs-run.ts';
import { showPath } from '../../domain/paths.ts';
import type { AssetStore, DescriptionStore, LibraryRecord } from '../../domain/ports.ts';
import type { Recipe } from '../../domain/recipe.ts';
import type { FailureRecord, RunRecord, StatusQueries } from '../../domain/status.ts';
import { clean, descriptionStore, keepFirst } from './fake-descriptions.ts';

interface AssetRow {
  readonly id: string;
  readonly library: LibraryRecord;
  readonly rawPath: Uint8Array;
  readonly path: string;
  state: AssetState;
  stat: FileStat | undefined;
  contentHash: string | undefined;
  endedRecipe: string | undefined;
  runs: Map<string, RunRecord>;
  failure: FailureRecord | undefined;
}

export interface FakeStores {
  readonly assets: AssetStore;
  readonly descriptions: DescriptionStore;
  readonly story: Pick<StatusQueries, 'lastRun' | 'failure'>;
}

interface Tables {
  readonly libraries: LibraryRecord[];
  readonly assets: Map<string, AssetRow>;
  readonly contents: Map<string, Content>;
  readonly recipes: Map<string, Recipe>;
  readonly descriptions: Map<string, Description>;
  readonly claims: Map<string, string>;
}

/** The stores in memory; they pass the same suites as those in Postgres. */
export function createFakeStores(): FakeStores {
  const tables: Tables = {
    libraries: [],
    assets: new Map(),
    contents: new Map(),
    recipes: new Map(),
    descriptions: new Map(),
    claims: new Map(),
  };
  return { assets: assetStore(tables), descriptions: descriptionStore(tables), story: story(tables) };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function assetStore(tables: Tables): AssetStore {
  const { libraries, assets, contents } = tables;
  return {
    async ensureLibrary({ name, root }) {
      const at = libraries.findIndex((library) => library.name === name);
      const library = { id: String(at < 0 ? libraries.length + 1 : at + 1), name, root };
      libraries[at < 0 ? libraries.length : at] = library;
      return library;
    },
    async libraries() {
      return [...libraries];
    },
    async register(library, files, recipeHash) {
      return files.map((file) => {
        const row = upsertAsset(tables, library, file.rawPath, (state) => stateWhenFound(state, file.kind));
        const asset = { assetId: row.id, library: library.name, path: row.path };
        return { asset, rawPath: file.rawPath, state: row.state, needsRun: needsRun(row, file, recipeHash) };
      });
    },
    async find(assetId) {
      const row = assets.get(assetId);
      if (row === undefined) return undefined;
      const { id, library, path, rawPath, state, stat, contentHash } = row;
      return { asset: { assetId: id, library: library.name, path }, rawPath, state, stat, contentHash };
    },
    async knownContent(assetId, stat) {
      const { stat: read, contentHash } = assets.get(assetId) ?? {};
      if (read === undefined || contentHash === undefined || !sameFile(read, stat)) return undefined;
      return contents.get(contentHash);
    },
    async rememberContent({ assetId, path }, stat, content) {
      contents.set(content.hash, structuredClone(content));
      const row = assets.get(assetId);
      if (row?.path !== path) return;
      const isKnown = row.stat !== undefined && sameFile(row.stat, stat) && row.contentHash === content.hash;
      const state = isKnown && row.state !== 'waiting' ? row.state : 'open';
      Object.assign(row, { stat: { ...stat }, contentHash: content.hash, state });
    },
    async markWaiting(assetId) {
      Object.assign(assets.get(assetId) ?? {}, { state: 'waiting' });
    },
    async countWaiting() {
      return [...assets.values()].filter(({ state }) => state === 'waiting').length;
    },
    async finishRun(input) {
      finishRun(tables, input);
    },
  };
}

function upsertAsset(
  { assets }: Tables,
  library: LibraryRecord,
  rawPath: Uint8Array,
  nextState: (state: AssetState | undefined) => AssetState,
): AssetRow {
  const same = [...assets.values()].find((row) => row.library.id === library.id && hex(row.rawPath) === hex(rawPath));
  if (same !== undefined) {
    same.state = nextState(same.state);
    return same;
  }
  const row: AssetRow = {
    id: String(assets.size + 1),
    library,
    rawPath: Buffer.from(rawPath),
    path: showPath(rawPath),
    state: nextState(undefined),
    stat: undefined,
    contentHash: undefined,
    endedRecipe: undefined,
    runs: new Map(),
    failure: undefined,
  };
  assets.set(row.id, row);
  return row;
}

function finishRun({ assets, claims, descriptions }: Tables, input: FinishInput): void {
  const { asset, workflowId, runId, startedAt, endedAt, end } = input;
  if (end.outcome === 'done') keepFirst(descriptions, end.key, end.description);
  for (const [key, owner] of claims) if (owner === workflowId) claims.delete(key);
  const row = assets.get(asset.assetId);
  if (row?.path !== asset.path) return;
  row.state = end.outcome;
  if (end.outcome === 'done' || end.outcome === 'parked') row.endedRecipe = end.key?.recipeHash;
  if (end.outcome === 'parked' && end.stat !== undefined) {
    if (row.stat === undefined || !sameFile(row.stat, end.stat)) row.contentHash = undefined;
    row.stat = { ...end.stat };
  }
  const story = trimStory(input.story).map(({ step, at, note }) => ({ step, at, note: clean(note) }));
  row.runs.set(runId, { runId, workflowId, started: startedAt, ended: endedAt, outcome: end.outcome, story });
  row.failure =
    end.outcome === 'parked'
      ? {
          ...structuredClone(end.failure),
          reason: clean(end.failure.reason),
          recipeHash: end.key?.recipeHash,
          at: endedAt,
        }
      : undefined;
}

function story({ assets }: Tables): FakeStores['story'] {
  return {
    async lastRun(assetId) {
      return [...(assets.get(assetId)?.runs.values() ?? [])].sort((a, b) => b.ended - a.ended)[0];
    },
    async failure(assetId) {
      return assets.get(assetId)?.failure;
    },
  };
}
