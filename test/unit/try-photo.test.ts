import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { tryPhoto } from '../../clients/commands/try.ts';
import { createOutput } from '../../clients/output.ts';
import type { TryOut } from '../../clients/try-out/open.ts';
import type { Description } from '../../domain/description.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const recipe = { prompt: 'Describe.', language: 'en', models: ['m'], numCtx: 4096, numPredict: 256, longSide: 256 };

/** Prints one try whose answer comes in these pieces; `watched` as in a terminal. */
async function tried(t: TestContext, pieces: readonly string[], answer: Partial<Description>, watched = true) {
  const photo = path.join(await temporaryFolder(t), 'a.jpg');
  await writeFile(photo, '');
  const tryOut: TryOut = {
    recipe,
    vision: {
      async describe({ onPiece, host, model }) {
        for (const piece of pieces) onPiece?.(piece);
        return { text: pieces.join(''), model, host, simulated: false, totalMs: 1_500, ...answer };
      },
      probe: async () => ({ state: 'ready', simulated: false }),
      load: async () => undefined,
    },
    find: async (models) => models.map((model) => ({ host: 'http://h', model, tag: model })),
    photos: async () => [{ path: Buffer.from(photo), shown: 'a.jpg' }],
    read: async () => ({ jpeg: Buffer.from(''), facts: {} }),
    close: async () => undefined,
  };
  let printed = '';
  const write = (text: string) => void (printed += text);
  const stream = watched ? write : undefined;
  const { signal } = new AbortController();
  const options = { photo, model: undefined, json: false, stream, note: () => undefined, signal };
  await tryPhoto(tryOut, createOutput({ write }), options);
  return printed;
}

test('an answer that was streamed is not printed once more, and nobody who watches gets it at the end', async (t) => {
  assert.equal(await tried(t, ['A ', 'boat.\n'], {}), 'A boat.\n— m on http://h, 1.5 s\n');
  assert.equal(
    await tried(t, ['A ', 'boat.'], { promptTokens: 9 }, false),
    'A boat.\n— m on http://h, 1.5 s, 9 + ? tokens\n',
  );
});

test('what is kept of an answer is printed where it reads differently from what was streamed', async (t) => {
  assert.equal(await tried(t, ['"A boat."'], { text: 'A boat.' }), '"A boat."\n\nA boat.\n— m on http://h, 1.5 s\n');
  const structured = { text: 'A boat.', tags: ['sea'], simulated: true };
  assert.equal(await tried(t, ['{}'], structured), '{}\n\nA boat.\nTags: sea\n— m on http://h, 1.5 s, SIMULATED\n');
});

test('what a model says moves no cursor', async (t) => {
  assert.doesNotMatch(await tried(t, ['A\u001b[2J', ' boat\u001b', '[1m.'], {}), /[^\P{Cc}\n]/u);
});
