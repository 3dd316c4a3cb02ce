import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { darkroom } from '../support/darkroom-command.ts';
import { makePhotos } from '../support/photos.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUp } from '../support/up.ts';

const photos = 16;
const shown = z.object({ state: z.string(), taken: z.object({ total: z.number(), rewritten: z.number() }) });

const kept = 'with it, Temporal is as it was';
const lost = "and Temporal's files are deleted";

for (const files of [kept, lost])
  test(`kill -9 of everything while photos are written once more: each is, once; ${files}`, async (t) => {
    const home = await temporaryFolder(t);
    const [library, dataDir] = [path.join(home, 'library'), path.join(home, 'data')];
    await makePhotos(library, photos);
    let calls = 0;
    const host = await startScriptedHost({ answer: () => ({ firstByteMs: 300, text: `answer ${(calls += 1)}` }) });
    t.after(() => host.off());
    const options = { folders: [library], hosts: [host.url], dataDir, env: { VISION_MODEL: host.model } };
    const first = await startUp(t, options);
    await first.until('all are described', async () => (await first.counts()).done === photos, 60_000);
    assert.equal(calls, photos);

    const env = { DARKROOM_DATA_DIR: dataDir };
    const begun = await darkroom(['backfill', '--redo', `model=${host.model}`, '--json'], env);
    const { backfill } = z.object({ backfill: z.string() }).parse(JSON.parse(begun.out));
    await first.until('some are written once more', () => calls >= photos + 3);
    process.kill(await first.pid('engine'), 'SIGKILL');
    await first.until('it goes on', () => calls >= photos + 7, 60_000);
    for (const name of ['temporal', 'postgres', 'engine']) process.kill(await first.pid(name), 'SIGKILL');
    await first.kill();
    if (files === lost) await rm(path.join(dataDir, 'temporal'), { recursive: true });

    const second = await startUp(t, options);
    await second.said(/^ready$/);
    await second.until('all are written once more', async () => {
      const { out } = await darkroom(['backfills', 'show', backfill, '--json'], env);
      const { state, taken } = shown.parse(JSON.parse(out));
      return state === 'finished' && taken.total === photos && taken.rewritten === photos;
    });
    await second.stop();
    // One call at a time, two kills: what was in flight at them may have been asked again, nothing else.
    assert.ok(calls <= 2 * photos + 2, `${calls} calls for ${photos} photos that were written twice`);
  });
