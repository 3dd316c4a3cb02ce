import path from 'node:path';
import { createPictureReader } from '../../adapters/picture/reader.ts';
import { connect } from '../../adapters/postgres/connection.ts';
import { samplePhotos } from '../../adapters/postgres/sample-photos.ts';
import { createVisionHosts } from '../../adapters/vision-hosts.ts';
import { fileName } from '../../domain/asset.ts';
import type { VisionModel } from '../../domain/host-ports.ts';
import { checkPrompt } from '../../domain/prompt.ts';
import type { Recipe } from '../../domain/recipe.ts';
import type { VisionHost } from '../../domain/vision-host.ts';
import { recipeOf, type Settings } from '../../runtime/config.ts';
import { postgresOptions } from '../../runtime/database/target.ts';
import { hostLabel } from '../../runtime/host-address.ts';
import { readPromptFile, withPromptFile } from '../../runtime/prompt-file.ts';
import { readRunFile, type Run } from '../../runtime/run-file.ts';
import { loadVisionHosts, roleModelsOf } from '../../runtime/vision-hosts.ts';
import { placeOf } from '../open.ts';
import { UsageError } from '../usage-error.ts';
import { photosAt } from './choose-photos.ts';
import { findHosts, type ModelHost } from './find-host.ts';
import { type TryImmich, tryImmich } from './immich.ts';
import { tryPeople } from './people.ts';
import { type ChosenPhoto, readFile, type ReadPhoto } from './read-photo.ts';
import type { Wishes } from './wishes.ts';

/** Trying prompts and models on photos: nothing is written, no workflow runs, and no `darkroom up` is needed. */
export interface TryOut {
  readonly recipe: Recipe;
  readonly vision: VisionModel;
  find(models: readonly string[], signal: AbortSignal): Promise<readonly ModelHost[]>;
  /** The photos that were named, folders by a sample; without names a sample of all libraries. */
  photos(input: { names: readonly string[]; limit: number; signal: AbortSignal }): Promise<readonly ChosenPhoto[]>;
  read(photo: ChosenPhoto, signal: AbortSignal): Promise<ReadPhoto>;
  close(): Promise<void>;
}

/**
 * Throws UsageError and SettingsError for what was asked wrongly. Hosts are those of the settings, or where these name none
 * those of the `darkroom up` that runs on the data folder.
 */
export async function openTryOut(
  env: NodeJS.ProcessEnv,
  { dataDir: asked, note, ...wishes }: Wishes & { dataDir: string | undefined; note: (message: string) => void },
): Promise<TryOut> {
  const { dataDir } = placeOf(env, asked);
  const found = await readRunFile(dataDir);
  const run = found.state === 'running' ? found.run : undefined;
  const { settings } = placeOf(await withWished(withHostsOf(run, env), wishes), asked);
  const recipe = recipeOf(settings);
  const hosts = await wishedHosts(settings, env, wishes.host);
  const vision = createVisionHosts(hosts);
  const pictures = createPictureReader({ maxPixels: settings.DARKROOM_MAX_MEGAPIXELS * 1_000_000, log: note });
  const roots = [...(run?.libraries ?? []), ...settings.LIBRARY_FOLDERS.map((folder) => path.resolve(folder))];
  const immich = tryImmich(settings, pictures);
  const people = tryPeople(run, settings.FACE_MODEL);
  const inImmich: TryImmich['choose'] = (id, signal) => immich.choose(id, signal);
  const where = { dataDir, globs: settings.DARKROOM_IGNORE, roots, inImmich };
  return {
    recipe,
    vision,
    find: (models, signal) => findHosts({ hosts, roleModels: roleModelsOf(settings), vision }, models, signal),
    async photos({ names, limit, signal }) {
      if (names.length > 0) return await photosAt(names, { ...where, limit, signal });
      if (run !== undefined) return await ofLibraries(run, { limit, withImmich: immich.isThere, signal });
      if (roots.length > 0) return await photosAt(roots, { ...where, limit, signal });
      throw new UsageError(`Name photos or folders: no darkroom runs on ${dataDir} that would have some.`);
    },
    read: (photo, signal) =>
      'path' in photo
        ? readFile(pictures, photo, { longSide: recipe.longSide, people, signal })
        : immich.read(photo, { longSide: recipe.longSide, prompt: recipe.prompt, signal }),
    close: async () => void (await Promise.all([vision.close(), pictures.close(), immich.close(), people.close()])),
  };
}

/** Whoever gave hosts to `up` in a variable of that terminal need not give them again in this one. */
function withHostsOf(run: Run | undefined, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const named = [env['VISION_HOSTS'], env['VISION_HOSTS_FILE']].some((value) => (value ?? '') !== '');
  return run === undefined || named || run.visionHosts.length === 0
    ? env
    : { ...env, VISION_HOSTS: run.visionHosts.join(',') };
}

/** What is wished for stands in for its settings. */
async function withWished(env: NodeJS.ProcessEnv, { prompt, promptFile, output }: Wishes): Promise<NodeJS.ProcessEnv> {
  if (prompt !== undefined && promptFile !== undefined) {
    throw new UsageError('--prompt and --prompt-file are two prompts; give one of them.');
  }
  if (prompt?.trim() === '') throw new UsageError('--prompt is empty.');
  const [problem] = checkPrompt(prompt ?? '');
  if (problem !== undefined) throw new UsageError(`--prompt: ${problem}.`);
  const given = promptFile === undefined ? prompt : await readPromptFile(promptFile, '--prompt-file');
  return await withPromptFile({
    ...env,
    ...(given !== undefined && { VISION_PROMPT: given, VISION_PROMPT_FILE: '' }),
    ...(output !== undefined && { VISION_OUTPUT: output }),
  });
}

/** A host that is not set up can be tried too; the token of the others is not for it. */
async function wishedHosts(
  settings: Settings,
  env: NodeJS.ProcessEnv,
  url: string | undefined,
): Promise<readonly VisionHost[]> {
  const hosts = await loadVisionHosts(settings, env);
  if (url === undefined) return hosts;
  if (!/^https?:\/\/[^/]/i.test(url) || !URL.canParse(url)) {
    throw new UsageError(`--host: ${url} is not an http:// or https:// address.`);
  }
  const known = hosts.filter(({ label }) => label === hostLabel(url));
  const alone = { ...settings, VISION_HOSTS: [url], VISION_HOSTS_FILE: undefined, VISION_TOKEN: undefined };
  return known.length > 0 ? known : await loadVisionHosts(alone, {});
}

async function ofLibraries(
  { database: target }: Run,
  wanted: { limit: number; withImmich: boolean; signal: AbortSignal },
): Promise<readonly ChosenPhoto[]> {
  const database = connect(postgresOptions(target, { max: 1 }), { max: 1, limitMs: 20_000 });
  try {
    const sample = await samplePhotos(database, wanted);
    if (sample.length === 0) throw new UsageError('No photo is known yet; name some, or try again in a moment.');
    return sample.map(({ root, rawPath, path: shown, kind }): ChosenPhoto => {
      if (kind === 'immich') return { immichId: Buffer.from(rawPath).toString('utf8'), shown: fileName(shown) };
      return { path: Buffer.concat([Buffer.from(root.endsWith('/') ? root : `${root}/`), rawPath]), shown };
    });
  } finally {
    await database.close();
  }
}
