import { createAssetStore } from '../../adapters/postgres/asset-store.ts';
import { connect } from '../../adapters/postgres/connection.ts';
import { createFacePhotos } from '../../clients/face-photos.ts';
import { manyFacesRoutes } from '../../clients/http/faces/many.ts';
import type { PeopleApi } from '../../clients/http/people-api.ts';
import { createHttpServer } from '../../clients/http/server.ts';
import { embeddedDatabase, embeddedRole, postgresOptions } from '../../runtime/database/target.ts';
import { peopleStores } from '../../test/support/people-scene.ts';
import { model } from './memory-faces.ts';

/** The routes of many faces, as the engine serves them, in a process of its own; prints its address, and ends with its input. */
const [socketDir = '', token = ''] = process.argv.slice(2);
const target = { kind: 'socket', socketDir, user: embeddedRole, database: embeddedDatabase } as const;
const database = connect(postgresOptions(target, { max: 4 }), { max: 4, limitMs: 30_000 });
const stores = peopleStores(database);
const assets = createAssetStore({ database });
const { people: persons, merges, faces, assignments, vectors } = stores;
const people = { persons, merges, faces, assignments };
const nothing = () => Promise.reject(new Error('the bench asks for no photo'));
const photos = createFacePhotos({
  people,
  store: faces,
  photoAt: nothing,
  read: nothing,
  crop: nothing,
  crops: { get: nothing, put: nothing },
  sha256: () => '',
  model,
  longSide: 1_024,
});
const api: PeopleApi = { ...people, vectors, photos, libraries: () => assets.libraries(), model };

const server = createHttpServer({
  routes: manyFacesRoutes({ api: async () => api }),
  token,
  onFault: ({ route, error }) => void process.stderr.write(`${route}: ${String(error)}\n`),
});
const url = await server.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${JSON.stringify({ url })}\n`);
process.stdin.on('end', () => process.exit(0)).resume();
