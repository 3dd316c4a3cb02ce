import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { loadSettings } from '../../runtime/config.ts';
import { faceServicesOf } from '../../runtime/face-settings.ts';

test('without an address there is no face service', () => {
  assert.deepEqual(faceServicesOf(loadSettings({ FACE_API_URL: '' })), []);
});

test('several addresses are several services with the same settings, each there once', () => {
  const settings = loadSettings({
    FACE_API_URL: 'http://a:3003/, http://b:3003,http://a:3003',
    FACE_API: 'generic',
    FACE_MODEL: 'antelopev2',
    FACE_MIN_SCORE: '0.5',
    FACE_DETECT_TIMEOUT_SEC: '30',
  });
  const services = faceServicesOf(settings);
  assert.deepEqual(
    services.map(({ url, api, model, minScore, limits }) => ({ url, api, model, minScore, callMs: limits.callMs })),
    ['http://a:3003', 'http://b:3003'].map((url) => ({
      url,
      api: 'generic',
      model: 'antelopev2',
      minScore: 0.5,
      callMs: 30_000,
    })),
  );
});

test('a token, and credentials in an address, are sent and never shown', () => {
  const settings = loadSettings({ FACE_API_URL: 'http://me:hush-1@a:3003,http://b', FACE_API_TOKEN: 'hush-2' });
  const services = faceServicesOf(settings);
  assert.deepEqual(
    services.map(({ url, headers }) => [url, headers()['authorization']]),
    [
      ['http://a:3003', `Basic ${Buffer.from('me:hush-1').toString('base64')}`],
      ['http://b', 'Bearer hush-2'],
    ],
  );
  for (const text of [JSON.stringify(services), inspect(services, { depth: 9 }), String(settings.FACE_API_TOKEN)]) {
    assert.doesNotMatch(text, /hush/);
  }
});

test('wrong settings of faces are reported together, each by its name', () => {
  const wrong = {
    FACE_API_URL: 'faces:3003',
    FACE_API: 'compreface',
    FACE_MIN_SCORE: '70',
    FACE_MAX_DISTANCE: 'near',
    FACE_DETECT_CONCURRENCY: '0',
  };
  assert.throws(
    () => loadSettings(wrong),
    (error: Error) => Object.keys(wrong).every((name) => error.message.includes(`${name}: `)),
  );
});
