import { z } from 'zod';
import type { FoundAsset } from '../../domain/status.ts';
import { photoAsJson } from '../commands/search.ts';
import { photoStory } from '../photo-story.ts';
import { startDescribing } from '../start-describing.ts';
import { type EngineApi, type GetApi } from './engine-api.ts';
import { idPath } from './parameters.ts';
import { anna, harbour, wholePhotoShape } from './photo-shapes.ts';
import { listRoute } from './list-route.ts';
import { problem } from './problems.ts';
import { type Route, route } from './route.ts';

/** Photos: found, told of, and described now. */
export const photoRoutes = (api: GetApi): readonly Route[] => [listRoute(api), photoRoute(api), describeRoute(api)];

const photoRoute = (api: GetApi): Route =>
  route({
    method: 'GET',
    path: '/assets/:id',
    access: 'token',
    tag: 'Photos',
    summary: 'One photo, with its story',
    description: 'What `darkroom trace` tells, and who is on it.',
    params: idPath('the photo'),
    returns: { json: wholePhotoShape },
    problems: ['photo-missing'],
    examples: [
      {
        params: { id: '1204' },
        answer: {
          ...harbour,
          faces: [
            {
              faceId: '31',
              source: 'model',
              box: { x: 0.4, y: 0.2, width: 0.1, height: 0.15 },
              person: { ...anna, hidden: false },
            },
          ],
          story: [{ step: 'describe', at: 1_732_200_000_000, note: 'qwen3-vl on http://localhost:11434' }],
          open: false,
          workflowId: 'asset/pictures/2024/IMG_2031.jpg',
        },
      },
    ],
    async answer({ params: { id } }) {
      const at = await api();
      return { json: await wholePhoto(at, await photoOf(at, id)) };
    },
  });

/** Throws problem photo-missing. */
export async function photoOf({ opened }: EngineApi, id: string): Promise<FoundAsset> {
  const found = await opened.queries.findById(id);
  if (found === undefined) throw problem('photo-missing', `There is no photo ${id}.`);
  return found;
}

async function wholePhoto({ opened, publications, facesOf, sha256 }: EngineApi, found: FoundAsset) {
  const { asset, content, waitingReason, waitingSince } = found;
  const [{ photos }, { description, failure, asset: _ref, ...story }, published, faces] = await Promise.all([
    opened.search.find({ assetId: asset.assetId, limit: 1 }),
    photoStory(opened, found, sha256),
    publications.find(asset.assetId),
    content === undefined ? [] : facesOf(content.hash),
  ]);
  const [shown] = photos.map(photoAsJson);
  if (shown === undefined) throw problem('photo-missing', `There is no photo ${asset.assetId}.`);
  return {
    ...shown,
    ...story,
    waitingReason,
    waitingSince,
    answer: description,
    failure,
    published,
    // A list of what is shown, as faces carry more.
    faces: faces.map(({ faceId, source, box, score, person, suggestion }) => ({
      faceId,
      source,
      box,
      score,
      person,
      suggestion,
    })),
  };
}

const describeRoute = (api: GetApi): Route =>
  route({
    method: 'POST',
    path: '/assets/:id/describe',
    access: 'token',
    tag: 'Photos',
    summary: 'Describe a photo now, before everything else',
    description: 'Its run is open when this answers; `GET /assets/{id}` tells how it goes.',
    params: idPath('the photo'),
    returns: { status: 202, json: z.object({ workflowId: z.string(), webUi: z.string().optional() }) },
    problems: ['photo-missing', 'photo-gone', 'not-possible'],
    examples: [{ params: { id: '1204' }, answer: { workflowId: 'asset/pictures/2024/IMG_2031.jpg' } }],
    async answer({ params: { id } }) {
      const at = await api();
      const { opened, sha256 } = at;
      const found = await photoOf(at, id);
      if (found.state === 'gone') throw problem('photo-gone', `Photo ${id} is not there any more.`);
      if (found.state === 'unsupported') throw problem('not-possible', 'Its format is not read yet.');
      const workflowId = await startDescribing(opened, found, sha256);
      return { json: { workflowId, webUi: opened.pageOf(workflowId) } };
    },
  });
