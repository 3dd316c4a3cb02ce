import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpServed } from '../../clients/doctor/http.ts';
import { healthRoutes } from '../../clients/http/health.ts';
import { createHttpServer } from '../../clients/http/server.ts';
import { freePort } from '../support/free-port.ts';

const settings = { DARKROOM_HTTP_ADDRESS: '127.0.0.1:2285' };
const never = new AbortController().signal;

test('doctor says where HTTP is served, what it lacks, and what to do where it is not', async (t) => {
  const lacks: string[] = [];
  const server = createHttpServer({
    token: 'x',
    routes: healthRoutes({ lacks: async () => lacks }),
    onFault: () => undefined,
  });
  t.after(() => server.close());
  const http = { url: await server.listen({ host: '0.0.0.0', port: 0 }), host: '0.0.0.0' };
  const look = async (run: Parameters<typeof httpServed>[0], given = settings) => {
    const [finding] = await httpServed(run, given, never);
    return finding;
  };
  assert.deepEqual(await look({ http }), { about: 'HTTP', level: 'ok', detail: `${http.url} (listens on 0.0.0.0)` });
  lacks.push('the database does not answer');
  assert.partialDeepStrictEqual(await look({ http }), {
    level: 'away',
    detail: `${http.url} (listens on 0.0.0.0): the database does not answer`,
  });
  const gone = { url: `http://127.0.0.1:${await freePort()}`, host: '127.0.0.1' };
  assert.match((await look({ http: gone }))?.detail ?? '', /does not answer$/);
  assert.match((await look({}))?.todo ?? '', /set DARKROOM_HTTP_ADDRESS to another port/);
  assert.equal((await look({}, { DARKROOM_HTTP_ADDRESS: 'off' }))?.level, 'ok');
});
