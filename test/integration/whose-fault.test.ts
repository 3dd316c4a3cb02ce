import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { makePhotos } from '../support/photos.ts';
import type { ScriptedAnswer } from '../support/scripted-answer.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';

/** As Ollama 0.17 answers to a picture that it cannot read, and to running out of memory. */
const stopped = JSON.stringify({
  error: 'model runner has unexpectedly stopped, this may be due to resource limitations or an internal error',
});
const faulty: Readonly<Record<string, ScriptedAnswer>> = {
  poison: { status: 500, body: stopped },
  mute: { text: '' },
  loop: { text: 'A cat on a wall. '.repeat(60) },
};

test('a photo is parked for what it does to healthy hosts, with every try; the others are described once', async (t) => {
  const home = await temporaryFolder(t);
  const folder = path.join(home, 'library');
  await makePhotos(folder, 9);
  /** Which picture plays which part: the first photo that comes is good, so that the host is proven. */
  const parts = new Map<string, string>();
  const cast = ['good', 'poison', 'mute', 'loop'];
  const host = await startScriptedHost({
    answer({ picture, options }) {
      // Not a photo: what a host on trial is tried with.
      if (options['num_predict'] === 32) return {};
      const part = parts.get(picture) ?? cast.shift() ?? 'good';
      parts.set(picture, part);
      // The model of the looping one is brought off its track by a repeat penalty.
      if (part === 'loop' && options['repeat_penalty'] !== undefined) return {};
      return faulty[part] ?? {};
    },
  });
  t.after(() => host.off());
  const up = await startUp(t, { folders: [folder], hosts: [host.url] });
  await up.until('seven are described and two parked', async () => {
    const { done, parked } = await up.counts();
    return done === 7 && parked === 2;
  });

  const parked = await up.query((queries) => queries.parkedByCode());
  assert.deepEqual(parked.map(({ code }) => code).sort(), ['EmptyAnswer', 'FailsHosts']);
  for (const { code, reason, example } of parked) {
    const failure = await up.query((queries) => queries.failure(example.assetId));
    assert.deepEqual(failure?.tries, [
      { host: host.url, code },
      { host: host.url, code },
    ]);
    assert.match(
      reason,
      code === 'FailsHosts' ? /did other photos and failed on this one.*unexpectedly stopped/ : /answered nothing/,
    );
  }

  const callsOf = (part: string) => host.calls.filter(({ picture }) => parts.get(picture) === part);
  assert.deepEqual(
    callsOf('mute').map(({ options }) => [options['seed'], options['num_predict']]),
    [
      [0, 384],
      [1, 768],
    ],
  );
  assert.deepEqual(
    callsOf('loop').map(({ options }) => [options['seed'], options['repeat_penalty'] !== undefined]),
    [
      [0, false],
      [1, true],
    ],
  );
  assert.equal(callsOf('poison').length, 2);
  for (const [picture, part] of parts) {
    if (part === 'good') assert.equal(host.pictures.get(picture)?.calls, 1);
  }
  assert.equal((await up.stop()).code, 0);
});
