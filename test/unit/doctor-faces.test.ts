import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faceFinding, faceServices } from '../../clients/doctor/face-services.ts';
import { loadSettings } from '../../runtime/config.ts';
import { freePort } from '../support/free-port.ts';
import { startScriptedFaces } from '../support/scripted-faces.ts';

const signal = AbortSignal.timeout(30_000);

test('doctor says that no face service is set up, and with what one is', async () => {
  const [only, ...more] = await faceServices(loadSettings({}), signal);
  assert.deepEqual([only?.level, more], ['note', []]);
  assert.match(only?.todo ?? '', /FACE_API_URL/);
});

test('each service is asked: one that is there, one that is away', async (t) => {
  const service = await startScriptedFaces();
  t.after(() => service.off());
  const away = `http://127.0.0.1:${await freePort()}`;
  const found = await faceServices(loadSettings({ FACE_API_URL: `${service.url},${away}` }), signal);
  assert.deepEqual(
    found.map(({ about, level }) => [about, level]),
    [
      [`face service ${service.url}`, 'ok'],
      [`face service ${away}`, 'away'],
    ],
  );
  assert.equal(service.calls.length, 0, 'no picture is sent');
});

test('what answers and cannot be used is wrong, and its reason is told', () => {
  const found = faceFinding('http://faces', 'buffalo_l', {
    isThere: false,
    why: 'nonsense',
    detail: 'it is a web page',
  });
  assert.deepEqual(found, { about: 'face service http://faces', level: 'wrong', detail: 'it is a web page' });
});

test('a token that goes over http:// to another machine is noted, and never shown', async () => {
  const settings = loadSettings({ FACE_API_URL: 'http://faces.invalid:8000', FACE_API_TOKEN: 'sesame-sesame' });
  const found = await faceServices(settings, signal);
  assert.match(found.map(({ detail }) => detail).join('\n'), /its token can be read by whoever is on the way/);
  assert.doesNotMatch(JSON.stringify(found), /sesame/);
});
