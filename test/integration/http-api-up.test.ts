import assert from 'node:assert/strict';
import { rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { z } from 'zod';
import { darkroom } from '../support/darkroom-command.ts';
import { makePhotos } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';

const token = 'a-token-of-a-person-who-chose-it';
const photo = z.object({
  assetId: z.string(),
  library: z.string(),
  path: z.string(),
  file: z.string(),
  state: z.string(),
  description: z.string().optional(),
  snippet: z.string().optional(),
});
const list = z.object({ photos: z.array(photo), next: z.string().optional() });
const problemShape = z.looseObject({ status: z.number(), code: z.string().optional(), detail: z.string().optional() });

const german = 'Zwei Kinder laufen über die Strände der Ostsee.';
const count = 6;

async function start(t: TestContext) {
  const home = await temporaryFolder(t);
  const folder = path.join(home, 'pictures');
  await makePhotos(folder, count);
  const host = await startScriptedHost();
  host.script((_call, nth) => ({ text: `${german} Bild ${nth}.` }));
  t.after(() => host.off());
  const env = { DARKROOM_API_TOKEN: token, VISION_LANGUAGE: 'de', DARKROOM_LOG_LEVEL: 'debug' };
  const up = await startUp(t, { folders: [folder], hosts: [host.url], env });
  await up.until('all are described', async () => (await up.counts()).done === count);
  const url = (await up.run()).http?.url ?? '';
  const ask = async (route: string, { method = 'GET', body, headers = {}, signal }: Asking = {}) =>
    await fetch(`${url}${route}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    });
  const told = async <S extends z.ZodType>(shape: S, route: string, asking?: Asking): Promise<z.output<S>> => {
    const response = await ask(route, asking);
    const text = await response.text();
    assert.ok(response.ok, `${route}: ${text}`);
    return shape.parse(JSON.parse(text));
  };
  const refused = async (route: string, asking?: Asking) => {
    const response = await ask(route, asking);
    assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/, route);
    return problemShape.parse(await response.json());
  };
  return { up, folder, url, ask, told, refused };
}

interface Asking {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

test('all of it can be asked and steered over HTTP', async (t) => {
  const { up, folder, url, ask, told, refused } = await start(t);
  const all = await told(list, '/assets?state=done');
  const [first] = all.photos;
  assert.ok(first);

  await t.test('libraries and status are what the command line says', async () => {
    const libraries = z.object({
      libraries: z.array(z.looseObject({ name: z.string(), kind: z.string(), root: z.string() })),
    });
    const found = await told(libraries, '/libraries');
    assert.partialDeepStrictEqual(found.libraries, [
      { name: 'pictures', kind: 'folder', root: folder, counts: { done: count } },
    ]);
    const { out } = await darkroom(['status', '--json'], { DARKROOM_DATA_DIR: up.dataDir });
    const shape = z.looseObject({ version: z.string(), pid: z.number(), parked: z.array(z.unknown()) });
    const [ours, theirs] = [await told(shape, '/status'), shape.parse(JSON.parse(out))];
    assert.deepEqual(Object.keys(ours).toSorted(), Object.keys(theirs).toSorted());
    assert.deepEqual([ours.version, ours.pid, ours.parked], [theirs.version, theirs.pid, theirs.parked]);
  });

  await t.test('photos are filtered, and pages hold each once', async () => {
    assert.equal(all.photos.length, count);
    assert.deepEqual((await told(list, '/assets?state=parked')).photos, []);
    assert.equal((await told(list, '/assets?library=pictures')).photos.length, count);
    const seen: string[] = [];
    let next = '';
    do {
      const page = await told(list, `/assets?q=Strand&limit=4${next}`);
      seen.push(...page.photos.map((one) => one.path));
      next = page.next === undefined ? '' : `&cursor=${page.next}`;
    } while (next !== '');
    assert.equal(new Set(seen).size, count);
    assert.equal(seen.length, count);
  });

  await t.test('words are found in their forms, here and on the command line', async () => {
    const found = await told(list, `/assets?q=${encodeURIComponent('Strand kind')}`);
    assert.equal(found.photos.length, count);
    assert.match(found.photos[0]?.snippet ?? '', /Strände/);
    assert.equal((await told(list, '/assets?q=beach')).photos.length, 0);
    assert.equal((await told(list, '/assets?q=Strand&from=2024-05-02&to=2024-05-03')).photos.length, 2);
    const env = { DARKROOM_DATA_DIR: up.dataDir, COLUMNS: '60' };
    const one = await darkroom(['search', 'Strand', '--limit', '1'], env);
    assert.match(
      one.out,
      new RegExp(
        `^${folder}/IMG_\\d+\\.jpg\\n {2}2024-05-\\d\\d 12:00\\n {2}Zwei Kinder[^]*The newest 1; there are more`,
      ),
    );
    const none = await darkroom(['search', 'elephant'], env);
    assert.deepEqual([none.code, none.out.startsWith('No photo fits')], [0, true]);
    assert.equal((await darkroom(['search', '--from', '2024'], env)).code, 2);
  });

  await t.test('one photo is told with its story', async () => {
    const whole = z.looseObject({
      story: z.array(z.object({ step: z.string() })),
      workflowId: z.string(),
      open: z.boolean(),
    });
    const found = await told(whole, `/assets/${first.assetId}`);
    assert.partialDeepStrictEqual(found, {
      assetId: first.assetId,
      state: 'done',
      description: first.description,
      open: false,
      faces: [],
      content: { kind: 'jpeg', width: 320, height: 240 },
      answer: { model: 'scripted-vl' },
    });
    assert.ok(found.story.some(({ step }) => step === 'describe'));
    for (const route of ['/assets/999999', '/assets/999999/image']) {
      assert.partialDeepStrictEqual(await refused(route), { status: 404, code: 'photo-missing' });
    }
  });

  await t.test('its picture is an upright JPEG that can be asked for again', async () => {
    const response = await ask(`/assets/${first.assetId}/image?size=256`);
    assert.equal(response.headers.get('content-type'), 'image/jpeg');
    assert.equal(response.headers.get('cache-control'), 'private, no-cache');
    const { width, height, exif } = await sharp(Buffer.from(await response.arrayBuffer())).metadata();
    assert.deepEqual([width, height, exif], [256, 192, undefined]);
    const etag = response.headers.get('etag') ?? '';
    const again = await ask(`/assets/${first.assetId}/image?size=256`, {
      headers: { 'if-none-match': `W/${etag}, "x"` },
    });
    assert.deepEqual([again.status, await again.text(), again.headers.get('etag')], [304, '', etag]);
    assert.equal(
      (await ask(`/assets/${first.assetId}/image?size=512`, { headers: { 'if-none-match': etag } })).status,
      200,
    );
  });

  await t.test('a photo that became a link out of its library, or is not there, is gone', async () => {
    const last = all.photos.at(-1);
    assert.ok(last !== undefined && last !== first);
    await rm(last.file);
    assert.partialDeepStrictEqual(await refused(`/assets/${last.assetId}/image`), { status: 410, code: 'photo-gone' });
    const outside = path.join(path.dirname(folder), 'outside.jpg');
    await writeFile(outside, 'secret');
    await symlink(outside, last.file);
    assert.equal((await refused(`/assets/${last.assetId}/image`)).status, 410);
  });

  await t.test('a photo is described again at once, and progress is told as it goes', async () => {
    const leaving = new AbortController();
    const response = await ask('/events', { signal: leaving.signal });
    assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const read = async () => (await reader?.read())?.value ?? '';
    assert.match(await read(), /^event: progress\ndata: \{"libraries":\[\{"name":"pictures",.*\}\n\n$/);
    const { workflowId } = await told(z.object({ workflowId: z.string() }), `/assets/${first.assetId}/describe`, {
      method: 'POST',
    });
    assert.match(workflowId, /^asset\/pictures\/IMG_/);
    await told(z.unknown(), '/control/pause', { method: 'POST', body: { what: 'publish', by: 'ben' } });
    let seen = '';
    while (!seen.includes('publish paused by ben')) seen = await read();
    await told(z.unknown(), '/control/resume', { method: 'POST', body: { what: 'publish' } });
    leaving.abort();
    const noted = up.lines.length;
    await sleep(50);
    // Who leaves is no fault.
    assert.ok(!up.lines.slice(noted).some((line) => /A request over HTTP failed/.test(line)));
  });

  await t.test('a limit on who listens, and places that are free again when they leave', async () => {
    const leaving = new AbortController();
    // Kept: the client hangs up on answers that nobody holds any more.
    const held: Response[] = [];
    const listen = () => ask('/events', { signal: leaving.signal });
    for (let next = await listen(); next.status === 200 && held.length <= 16; next = await listen()) held.push(next);
    // Whoever left a moment ago may still be counted.
    assert.ok(held.length === 15 || held.length === 16, `${held.length} could listen`);
    assert.partialDeepStrictEqual(await refused('/events'), { status: 503, code: 'too-many-listeners' });
    assert.ok(held.every(({ status }) => status === 200));
    leaving.abort();
    await up.until('a place is free', async () => {
      const trying = new AbortController();
      const { status } = await ask('/events', { signal: trying.signal });
      trying.abort();
      return status === 200;
    });
  });

  await t.test('work is paused and goes on, as by the command line', async () => {
    const pauses = z.looseObject({ paused: z.array(z.looseObject({ by: z.string(), why: z.string().optional() })) });
    const body = { what: 'describe', for: '2h', reason: 'the GPU', by: 'anna' };
    const { paused } = await told(pauses, '/control/pause', { method: 'POST', body });
    assert.partialDeepStrictEqual(paused, [{ queue: 'darkroom-vision', by: 'anna', why: 'the GPU' }]);
    const { out } = await darkroom(['status'], { DARKROOM_DATA_DIR: up.dataDir });
    assert.match(out, /describe paused by anna \(the GPU\)/);
    const one = await told(pauses, '/control/pause', { method: 'POST', body: { library: 'pictures' } });
    assert.partialDeepStrictEqual(one.paused, [{ by: 'HTTP', target: { kind: 'library', name: 'pictures' } }]);
    const planned = await told(z.looseObject({ planned: z.array(z.unknown()) }), '/control/pause', {
      method: 'POST',
      body: { what: 'publish', in: '3h' },
    });
    assert.equal(planned.planned.length, 1);
    const resumed = z.looseObject({ resumed: z.array(z.unknown()) });
    assert.equal((await told(resumed, '/control/resume', { method: 'POST', body: {} })).resumed.length, 1);
    assert.equal(
      (await told(resumed, '/control/resume', { method: 'POST', body: { library: 'pictures' } })).resumed.length,
      1,
    );
  });

  await t.test(
    'a photo and a folder are put before others, and nothing outside of a library is looked at',
    async () => {
      const moved = z.looseObject({ photos: z.number(), dryRun: z.boolean(), interrupted: z.literal(false) });
      const prioritize = (body: object) => told(moved, '/control/prioritize', { method: 'POST', body });
      assert.equal((await prioritize({ level: 'now', photo: first.assetId, dryRun: true })).photos, 1);
      assert.equal((await prioritize({ level: 'new', library: 'pictures', folder: '', dryRun: true })).photos, count);
      for (const lead of ['..', '../..', '/etc', 'a/../../..', '../pictures-of-others', 'a\0b']) {
        const no = await refused('/control/prioritize', {
          method: 'POST',
          body: { level: 'now', library: 'pictures', folder: lead },
        });
        assert.deepEqual([no.status, no.detail], [422, '"folder" leads out of its library.'], lead);
      }
    },
  );

  await t.test('what is not as it should be is refused, with the place and without what was sent', async () => {
    const tried: readonly (readonly [number, string, Asking?])[] = [
      [400, '/assets?limit=0'],
      [400, '/assets?limit=1000000000'],
      [400, '/assets?limit=501'],
      [400, '/assets?limit=1e2'],
      [400, `/assets?q=${'hush'.repeat(51)}`],
      [400, '/assets?state=hush'],
      [400, '/assets?hush=1'],
      [400, '/assets?q=hush&q=hush'],
      [400, '/assets?cursor=hush'],
      [400, `/assets?cursor=${Buffer.from('["1; drop table hush"]').toString('base64url')}`],
      [404, '/assets?library=..%2F..%2Fhush'],
      [422, '/assets?from=hush'],
      [400, '/assets/hush'],
      [400, '/assets/..%2F..%2Fetc%2Fhush'],
      [400, '/assets/1%00'],
      [400, `/assets/${first.assetId}/image?size=100000`],
      [400, `/assets/${first.assetId}/image?size=hush`],
      [400, '/control/pause', { method: 'POST', body: { hush: 1 } }],
      [422, '/control/pause', { method: 'POST', body: { what: 'the hush' } }],
      [422, '/control/pause', { method: 'POST', body: { for: '2h', until: '06:00' } }],
      [404, '/control/pause', { method: 'POST', body: { library: '../hush' } }],
      [422, '/control/prioritize', { method: 'POST', body: { level: 'now' } }],
      [400, '/control/prioritize', { method: 'POST', body: { level: 'hush', photo: '1' } }],
      [413, '/control/pause', { method: 'POST', body: { reason: 'hush'.repeat(300_000) } }],
      [404, '/hush'],
    ];
    for (const [status, route, asking] of tried) {
      const no = await refused(route, asking);
      assert.equal(no.status, status, `${route} ${JSON.stringify(no)}`);
      if (status === 400) assert.doesNotMatch(JSON.stringify(no).replaceAll('unknown: hush', ''), /hush/, route);
    }
    const odd = await fetch(`${url}/assets/${first.assetId}/describe`, { method: 'POST' });
    assert.equal(odd.status, 401);
    for (const authorization of ['', 'Bearer wrong', `Basic ${token}`, token]) {
      for (const route of ['/assets', '/events', '/status', '/assets/1/image']) {
        assert.equal((await refused(route, { headers: { authorization } })).status, 401);
      }
    }
    assert.equal((await fetch(`${url}/assets?token=${token}`)).status, 401);
  });

  await t.test(
    'the page and the document are open to all, and the token is nowhere that it was not given',
    async () => {
      const page = await fetch(`${url}/docs`);
      const html = await page.text();
      assert.match(page.headers.get('content-security-policy') ?? '', /^default-src 'none'/);
      assert.ok(html.includes(`&#39;${url}/assets?`));
      const document: unknown = await (await fetch(`${url}/openapi.json`)).json();
      assert.partialDeepStrictEqual(document, {
        openapi: '3.1.1',
        paths: { '/assets/{id}': { get: { tags: ['Photos'] } } },
      });
      assert.ok(![html, JSON.stringify(document), ...up.lines].some((text) => text.includes(token)));
    },
  );

  await t.test('whoever still listens holds up no stop', async () => {
    const response = await ask('/events');
    const ended = response.text().then(
      () => 'ended',
      () => 'cut',
    );
    const { code } = await up.stop();
    assert.equal(code, 0);
    assert.match(await ended, /ended|cut/);
    assert.doesNotMatch(up.lines.join('\n'), /The engine ends and is started again/);
  });
});
