import { z } from 'zod';
import { assetAnswer } from './answers.ts';
import { hasPreview, queueSidecar, writeDescription } from './jobs.ts';
import { faceAnswers } from './name-answers.ts';
import { Refused } from './refused.ts';
import { bodyOf, type Call, ownAsset, type Reply, type Routes, visibleAsset } from './route.ts';
import type { AssetRow } from './rows.ts';
import { put, serverNow, type State } from './state.ts';
import type { WireStatistics } from './wire.ts';

const whole = { exif: true, people: true, tags: true };

const changeSchema = z.object({
  // No longest text, null is refused, '' clears (sheet 3.1).
  description: z.string().optional(),
  rating: z.int().min(-1).max(5).nullish(),
  isFavorite: z.boolean().optional(),
  visibility: z.enum(['archive', 'timeline', 'hidden', 'locked']).optional(),
});

/** PUT and PATCH /assets/{id}: answers at once, the queue comes later (sheet 3.1). */
function changeAsset(call: Call): Reply {
  const asset = ownAsset(call, call.id, 'asset.update');
  apply(call, asset, bodyOf(changeSchema, call.body));
  return { json: assetAnswer(call.state, asset, whole) };
}

function apply({ state }: Call, asset: AssetRow, change: z.output<typeof changeSchema>): void {
  const { description, rating, isFavorite, visibility } = change;
  if (rating !== undefined) {
    asset.exif.rating = rating;
    queueSidecar(state, asset);
  }
  if (isFavorite !== undefined || visibility !== undefined) {
    asset.isFavorite = isFavorite ?? asset.isFavorite;
    asset.visibility = visibility ?? asset.visibility;
    // A description alone leaves updatedAt as it is (sheet 3.5).
    asset.updatedAt = serverNow(state);
    put(state, 'assets', asset);
  }
  if (description !== undefined) writeDescription(state, asset, { by: 'api', text: description });
}

/** PUT /assets: the same for many, 204 (sheet 3.1). */
function changeAssets(call: Call): Reply {
  const { ids, ...change } = bodyOf(changeSchema.extend({ ids: z.array(z.uuid()) }), call.body);
  const assets = ids.map((id) => ownAsset(call, id, 'asset.update'));
  for (const asset of assets) apply(call, asset, change);
  return { status: 204 };
}

async function preview(call: Call): Promise<Reply> {
  const asset = visibleAsset(call, call.id, 'asset.view');
  const size = call.query.get('size') ?? 'thumbnail';
  if (!['preview', 'thumbnail', 'fullsize'].includes(size))
    throw new Refused(400, 'Validation failed', [{ path: ['size'], message: 'Invalid option' }]);
  if (!hasPreview(asset)) throw new Refused(404, 'Asset media not found');
  const edited = call.query.get('edited') === 'true' && asset.isEdited;
  const bytes = await call.state.pictures.of(asset, edited);
  const { previews } = call.state.counters;
  previews.set(asset.id, (previews.get(asset.id) ?? 0) + 1);
  return { bytes, type: 'image/jpeg' };
}

const itemSchema = z.object({ key: z.string().min(1), value: z.record(z.string(), z.unknown()) });

function keep(state: State, asset: AssetRow, { key, value }: z.output<typeof itemSchema>) {
  const updatedAt = serverNow(state);
  asset.metadata[key] = { value, updatedAt };
  put(state, 'assets', asset);
  return { key, value, updatedAt: new Date(updatedAt).toISOString() };
}

/** GET and PUT /assets/{id}/metadata: any key, survives extraction (sheet 3.6). */
const readMetadata = (call: Call): Reply => ({
  json: Object.entries(visibleAsset(call, call.id, 'asset.read').metadata).map(([key, { value, updatedAt }]) => ({
    key,
    value,
    updatedAt: new Date(updatedAt).toISOString(),
  })),
});

function writeMetadata(call: Call): Reply {
  const asset = ownAsset(call, call.id, 'asset.update');
  const { items } = bodyOf(z.object({ items: z.array(itemSchema) }), call.body);
  noTwice(items.map(({ key }) => key));
  return { json: items.map((item) => keep(call.state, asset, item)) };
}

/** All or nothing: one asset that is gone and none is written (Immich's requireAccess). */
function writeManyMetadata(call: Call): Reply {
  const schema = z.object({ items: z.array(itemSchema.extend({ assetId: z.uuid() })) });
  const { items } = bodyOf(schema, call.body);
  const assets = items.map(({ assetId }) => ownAsset(call, assetId, 'asset.update'));
  noTwice(items.map(({ assetId, key }) => `${assetId}, ${key}`));
  return {
    json: assets.flatMap((asset, at) => {
      const item = items[at];
      return item === undefined ? [] : [{ assetId: asset.id, ...keep(call.state, asset, item) }];
    }),
  };
}

/** DELETE /assets/metadata with the same all or nothing. */
function removeManyMetadata(call: Call): Reply {
  const schema = z.object({ items: z.array(z.object({ assetId: z.uuid(), key: z.string() })) });
  const { items } = bodyOf(schema, call.body);
  const assets = items.map(({ assetId, key }) => ({ asset: ownAsset(call, assetId, 'asset.update'), key }));
  for (const { asset, key } of assets) {
    delete asset.metadata[key];
    put(call.state, 'assets', asset);
  }
  return { status: 204 };
}

function noTwice(keys: readonly string[]): void {
  const twice = keys.find((key, at) => keys.indexOf(key) !== at);
  if (twice !== undefined) throw new Refused(400, `Duplicate items are not allowed: "(${twice})"`);
}

/** GET /assets/statistics: own photos only. */
function statistics({ state, user, query }: Call): Reply {
  const [visibility, trashed] = [query.get('visibility'), query.get('isTrashed') === 'true'];
  const count: WireStatistics = { images: 0, videos: 0, total: 0 };
  for (const row of state.index.candidates([user.id], {})) {
    if (row.visibility === 'locked' || (visibility !== null && row.visibility !== visibility)) continue;
    if ((row.deletedAt !== null) !== trashed) continue;
    if (row.type === 'IMAGE') count.images += 1;
    if (row.type === 'VIDEO') count.videos += 1;
    count.total += 1;
  }
  return { json: count };
}

export const assetRoutes: Routes = {
  'GET /assets/statistics': { permission: 'asset.statistics', run: statistics },
  'GET /assets/:id': {
    permission: 'asset.read',
    run: (call) => ({ json: assetAnswer(call.state, visibleAsset(call, call.id, 'asset.read'), whole) }),
  },
  'PUT /assets/:id': { permission: 'asset.update', run: changeAsset },
  'PATCH /assets/:id': { permission: 'asset.update', run: changeAsset },
  'PUT /assets': { permission: 'asset.update', run: changeAssets },
  'GET /assets/:id/thumbnail': { permission: 'asset.view', run: preview },
  'GET /assets/:id/metadata': { permission: 'asset.read', run: readMetadata },
  'PUT /assets/:id/metadata': { permission: 'asset.update', run: writeMetadata },
  'PUT /assets/metadata': { permission: 'asset.update', run: writeManyMetadata },
  'DELETE /assets/metadata': { permission: 'asset.update', run: removeManyMetadata },
  'GET /faces': {
    permission: 'face.read',
    run: (call) => ({
      json: faceAnswers(call.state, visibleAsset(call, call.query.get('id') ?? '', 'asset.read')),
    }),
  },
};
