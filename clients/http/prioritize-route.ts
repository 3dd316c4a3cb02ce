import path from 'node:path';
import { z } from 'zod';
import { assetIdOf } from '../../domain/immich-rules.ts';
import { levels } from '../../domain/prioritize.ts';
import type { FoundAsset } from '../../domain/status.ts';
import { prioritize } from '../commands/prioritize.ts';
import { photoAsJson } from '../commands/search.ts';
import { UsageError } from '../usage-error.ts';
import { captured } from './captured.ts';
import { type EngineApi, type GetApi, libraryNamed } from './engine-api.ts';
import { idText, shortText } from './parameters.ts';
import { photoOf } from './photo-routes.ts';
import { type Route, route } from './route.ts';

const names = z.array(shortText(200)).min(1).max(20).optional();

const prioritizeBody = z.strictObject({
  level: z
    .literal(Object.keys(levels))
    .meta({ description: 'Before everything else, beside new photos, before the backlog, or behind everything.' }),
  photo: idText('a photo').optional(),
  library: shortText(200)
    .optional()
    .meta({ description: 'With `folder`, or with `album` and `person` where there are several.' }),
  folder: z.string().max(2_000).optional().meta({ description: 'Below the folder of the library; empty: all of it.' }),
  album: names.meta({ description: 'Names or ids of albums of an Immich.' }),
  person: names.meta({ description: 'Names or ids of people.' }),
  dryRun: z.boolean().default(false).meta({ description: 'Only say what would be done.' }),
});

const prioritizeAnswer = z.object({
  name: z.string(),
  level: z.string(),
  dryRun: z.boolean(),
  photos: z.number(),
  moved: z.number(),
  started: z.number(),
  left: z.number().meta({ description: 'Need nothing.' }),
  pending: z.number().meta({ description: 'Not reached: the same request goes on with them.' }),
  interrupted: z.boolean(),
  troubles: z.array(z.string()),
});

/** Of a large folder so much is done in one request. */
const longestMs = 20_000;

/** What `darkroom prioritize` does. */
export const prioritizeRoute = (api: GetApi): Route =>
  route({
    method: 'POST',
    path: '/control/prioritize',
    access: 'token',
    tag: 'Control',
    summary: 'One photo, a folder, an album or a person, before the others or behind them',
    description: 'Works for 20 seconds at most; where `interrupted` is true, the same request goes on with the rest.',
    body: prioritizeBody,
    returns: { json: prioritizeAnswer },
    problems: ['not-possible', 'photo-missing', 'library-missing'],
    examples: [
      {
        body: { level: 'now', library: 'pictures', folder: '2024/Norway' },
        answer: {
          name: '/home/anna/pictures/2024/Norway',
          level: 'now',
          dryRun: false,
          photos: 200,
          moved: 12,
          started: 140,
          left: 48,
          pending: 0,
          interrupted: false,
          troubles: [],
        },
      },
    ],
    async answer({ body: { photo, folder, library, album, person, dryRun, level }, signal }) {
      const at = await api();
      const members = album === undefined && person === undefined ? undefined : { album, person };
      const name = await meant(at, { photo, folder, library, hasMembers: members !== undefined });
      const { json } = await captured(
        async (out) =>
          await prioritize(at.opened, out, {
            name,
            ...(members !== undefined && { members }),
            level: levelOf(level),
            dryRun,
            json: true,
            sha256: at.sha256,
            progress: () => undefined,
            signal: AbortSignal.any([signal, AbortSignal.timeout(longestMs)]),
          }),
      );
      return { json: prioritizeAnswer.parse(json) };
    },
  });

const isLevel = (text: string): text is keyof typeof levels => Object.hasOwn(levels, text);

function levelOf(text: string): keyof typeof levels {
  if (isLevel(text)) return text;
  throw new UsageError(`A level is one of ${Object.keys(levels).join(', ')}.`);
}

interface Meant {
  readonly photo: string | undefined;
  readonly folder: string | undefined;
  readonly library: string | undefined;
  readonly hasMembers: boolean;
}

const placeOf = ({ asset, root, kind }: FoundAsset) => ({ asset, root, ...(kind !== undefined && { kind }) });

/** As the command line has it: a place that is never outside of a library. */
async function meant(at: EngineApi, { photo, folder, library, hasMembers }: Meant): Promise<string | undefined> {
  if ([photo !== undefined, folder !== undefined, hasMembers].filter(Boolean).length !== 1) {
    throw new UsageError('Say one of: "photo", "folder" (with "library"), or "album" and "person".');
  }
  const name = await libraryNamed(at, library);
  if (hasMembers) return name;
  if (photo !== undefined) {
    const found = await photoOf(at, photo);
    const { file } = photoAsJson({ ...placeOf(found), state: found.state, people: [] });
    return file ?? assetIdOf(found.asset.path);
  }
  const record = (await at.opened.assets.libraries()).find((one) => one.name === name);
  if (record === undefined || record.kind === 'immich')
    throw new UsageError('"folder" needs the "library" it is in: one that is a folder.');
  const place = path.resolve(record.root, folder ?? '');
  const isInside =
    place === path.resolve(record.root) || place.startsWith(`${path.resolve(record.root).replace(/\/$/, '')}/`);
  if (!isInside || folder?.includes('\0') === true) throw new UsageError('"folder" leads out of its library.');
  return place;
}
