import { z } from 'zod';
import { PermanentError } from '../../domain/errors.ts';
import type { Picture } from '../photo-picture.ts';
import type { GetApi } from './engine-api.ts';
import { tagsOf } from './etag.ts';
import { idPath } from './parameters.ts';
import { photoOf } from './photo-routes.ts';
import { problem } from './problems.ts';
import { type Route, route } from './route.ts';

/** Few, so that one photo is not kept in thousands of sizes. */
const sizes = ['256', '512', '1024', '2048'] as const;

const query = z.strictObject({
  size: z.enum(sizes).default('1024').meta({ description: 'The long side in pixels. What is smaller stays as small.' }),
});

/** A picture of one photo, made for looking at. */
export const imageRoute = (api: GetApi): Route =>
  route({
    method: 'GET',
    path: '/assets/:id/image',
    access: 'token',
    tag: 'Photos',
    summary: 'A picture of a photo',
    description:
      'An upright JPEG without metadata; of a photo in Immich made of its preview. `ETag` is the same as long as the photo ' +
      'is: with `If-None-Match` it is 304.',
    params: idPath('the photo'),
    query,
    returns: { bytes: 'image/jpeg' },
    problems: ['photo-missing', 'photo-gone', 'photo-locked', 'picture-unreadable', 'picture-changing', 'not-possible'],
    examples: [{ params: { id: '1204' }, query: { size: '512' } }],
    async answer({ params: { id }, query: { size }, header, signal }) {
      const at = await api();
      const found = await photoOf(at, id);
      if (found.state === 'gone') throw gone(id);
      const tagOf = (hash: string) => `"${hash.slice(0, 32)}-${size}"`;
      const has = tagsOf(header('if-none-match'));
      const wanted = { longSide: Number(size), known: (hash: string) => has.has(tagOf(hash)), signal };
      const picture = await at.pictures.of(found, wanted).catch((error: unknown) => Promise.reject(inWords(error)));
      if (!('hash' in picture)) throw refused(picture.kind, id);
      const headers = { etag: tagOf(picture.hash), 'cache-control': 'private, no-cache' };
      return picture.kind === 'same' ? { status: 304, headers } : { bytes: picture.jpeg, headers };
    },
  });

const gone = (id: string) => problem('photo-gone', `Photo ${id} is not there any more.`);

function refused(kind: Exclude<Picture['kind'], 'read' | 'same'>, id: string) {
  if (kind === 'gone') return gone(id);
  if (kind === 'locked') return problem('photo-locked', `Photo ${id} is in the locked folder of its Immich.`);
  const headers = { 'retry-after': '10' };
  return problem('picture-changing', `Photo ${id} is being written, or has no preview yet.`, { headers });
}

/** The fault of the photo is none of a request that asks for it. */
const inWords = (error: unknown): unknown =>
  error instanceof PermanentError ? problem('picture-unreadable', error.message) : error;
