import { createHash } from 'node:crypto';
import type { AssetRef, Content, FileStat } from '../../domain/asset.ts';
import type { FinishInput } from '../../domain/contract.ts';
import type { Description } from '../../domain/description.ts';
import type { AssetStore, FoundFile, LibraryRecord, Registered } from '../../domain/ports.ts';
import type { DescriptionKey } from '../../domain/recipe.ts';

/** 64 hex digits that stand for `name`. */
export const hashOf = (name: string): string => createHash('sha256').update(name).digest('hex');

/** A whole second with a fraction, and an inode above 2^53, as file systems have them. */
export const sampleStat = (change: Partial<FileStat> = {}): FileStat => ({
  size: 312_456,
  mtimeMs: 1_717_171_717_123.456,
  ctimeMs: 1_717_171_717_999.25,
  inode: '18014398509481985',
  ...change,
});

export const sampleFile = (path: string | Uint8Array, change: Partial<FoundFile> = {}): FoundFile => ({
  rawPath: typeof path === 'string' ? Buffer.from(path) : path,
  kind: 'photo',
  stat: sampleStat(),
  ...change,
});

export const sampleContent = (name: string): Content => ({
  hash: hashOf(name),
  bytes: 312_456,
  kind: 'jpeg',
  width: 1600,
  height: 1200,
  capture: {
    takenAt: '2024-05-31T18:04:00',
    camera: 'Fuji X-T5',
    latitude: 59.9386,
    longitude: 30.3141,
    keywords: ['harbour', 'a, {"b"} \\ NULL', 'été'],
    caption: 'The old harbour,\nfrom the pier.',
  },
});

export const sampleKey = (name: string, recipe = 'recipe'): DescriptionKey => ({
  contentHash: hashOf(name),
  recipeHash: hashOf(recipe),
  factsHash: hashOf('facts'),
});

export const sampleDescription = (text: string): Description => ({
  text,
  model: 'qwen3-vl',
  host: 'http://localhost:11434',
  simulated: false,
  promptTokens: 900,
  answerTokens: 80,
  loadMs: 12.5,
  evalMs: 2_400.125,
  totalMs: 2_600,
});

/** What a host answers that is held to a schema. */
export const structuredDescription = (text: string): Description => ({
  ...sampleDescription(text),
  tags: ['harbour', 'a, {"b"} \\ NULL', 'été'],
  textInImage: 'Line one\nLine two',
  safety: 'safe',
});

export const finished = (asset: AssetRef, end: FinishInput['end'], change: Partial<FinishInput> = {}): FinishInput => ({
  asset,
  workflowId: `asset/${asset.library}/${asset.path}`,
  runId: 'run-1',
  startedAt: 1_717_171_720_000,
  endedAt: 1_717_171_730_000,
  story: [
    { step: 'settle', at: 1_717_171_720_000, note: 'quiet for 2 s' },
    { step: 'describe', at: 1_717_171_725_000, note: 'by http://localhost:11434' },
  ],
  end,
  ...change,
});

export const done = (
  name: string,
  text = `about ${name}`,
  description = sampleDescription(text),
): FinishInput['end'] => ({ outcome: 'done', key: sampleKey(name), description });

export const parked = (
  change: Partial<Extract<FinishInput['end'], { outcome: 'parked' }>> = {},
): FinishInput['end'] => ({
  outcome: 'parked',
  failure: {
    step: 'describe',
    code: 'EmptyAnswer',
    reason: 'Two hosts answered nothing.',
    tries: [{ host: 'http://a:11434', code: 'EmptyAnswer' }, { code: 'AnswerLooped' }],
  },
  ...change,
});

/** Registers one file and returns what the store says of it. */
export async function registerOne(
  assets: AssetStore,
  library: LibraryRecord,
  file: FoundFile,
  recipe = 'recipe',
): Promise<Registered> {
  const [registered] = await assets.register(library, [file], hashOf(recipe));
  if (registered === undefined) throw new Error('register answered nothing');
  return registered;
}
