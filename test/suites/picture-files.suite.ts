import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { test, type TestContext } from 'node:test';
import type { PictureReader } from '../../domain/ports.ts';
import { actingSignal, makePhoto, quadrants, writePicture } from '../support/pictures.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { fault, never, sha256, whole } from './picture-reader.suite.ts';

/** What every PictureReader does about files that vanish, change or cannot be waited for. */
export function pictureFilesSuite(name: string, make: (t: TestContext) => PictureReader): void {
  const setup = async (t: TestContext) => ({ folder: await temporaryFolder(t), reader: make(t) });

  test(`${name}: says gone where there is no file, only a folder or a pipe, or a file in the place of a folder`, async (t) => {
    const { folder, reader } = await setup(t);
    const { path, expected } = await writePicture(folder, 'a.jpg', await makePhoto({ seed: 1 }));
    const input = { expected, longSide: 64, signal: never };
    assert.deepEqual(await reader.read({ ...input, path: Buffer.concat([path, Buffer.from('/b.jpg')]) }), {
      kind: 'gone',
    });
    await rm(path);
    assert.deepEqual(await reader.read({ ...input, path }), { kind: 'gone' });
    await mkdir(path);
    assert.deepEqual(await reader.read({ ...input, path }), { kind: 'gone' });
    // Opening a named pipe waits for a writer, unless it is told not to.
    execFileSync('mkfifo', [`${folder}/pipe.jpg`]);
    assert.deepEqual(await reader.read({ ...input, path: Buffer.from(`${folder}/pipe.jpg`) }), { kind: 'gone' });
  });

  test(`${name}: says torn where size, time or inode are not the expected ones`, async (t) => {
    const { folder, reader } = await setup(t);
    const { path, expected } = await writePicture(folder, 'a.jpg', await makePhoto({ seed: 1 }));
    for (const other of [{ size: expected.size + 1 }, { mtimeMs: expected.mtimeMs - 1 }, { inode: '7' }]) {
      const reading = await reader.read({ path, expected: { ...expected, ...other }, longSide: 64, signal: never });
      assert.deepEqual(reading, { kind: 'torn' });
    }
    // A chmod changes ctime and no byte.
    whole(await reader.read({ path, expected: { ...expected, ctimeMs: 1 }, longSide: 64, signal: never }));
  });

  test(`${name}: at whatever moment a file changes, is replaced or removed, never mixes old and new`, async (t) => {
    const { folder, reader } = await setup(t);
    // 2.5 MB: read in three pieces, so that there is a middle.
    const bytes = await quadrants(1000, 834).png({ compressionLevel: 0 }).toBuffer();
    const other = await makePhoto({ seed: 9 });
    const changes: Record<string, (path: Buffer) => void> = {
      written: (path) => appendFileSync(path, 'more'),
      replaced: (path) => {
        writeFileSync(`${folder}/new`, other);
        renameSync(`${folder}/new`, path);
      },
      removed: (path) => rmSync(path),
    };
    for (const [how, change] of Object.entries(changes)) {
      const kinds = [];
      for (let step = 1; step <= 10; step += 1) {
        const { path, expected } = await writePicture(folder, `${how}-${step}.png`, bytes);
        const signal = actingSignal(step, () => change(path));
        const reading = await reader.read({ path, expected, longSide: 64, signal });
        kinds.push(reading.kind);
        if (reading.kind === 'read') assert.equal(reading.content.hash, sha256(bytes));
      }
      // Before it is opened (1), before its first (3) and its third piece (5): always noticed.
      for (const step of [1, 3, 5]) assert.notEqual(kinds[step - 1], 'read', `${how} at step ${step}`);
      assert.equal(kinds.at(-1), 'read', `the last step lies after the reading (${kinds.join(' ')})`);
    }
  });

  test(`${name}: does not blame a picture that was replaced while it was decoded`, async (t) => {
    const { folder, reader } = await setup(t);
    const { path, expected } = await writePicture(folder, 'a.jpg', (await makePhoto({ seed: 1 })).subarray(0, 900));
    const input = { path, expected, longSide: 64 };
    await assert.rejects(reader.read({ ...input, signal: never }), fault('Undecodable', /ends too early/));
    const replaced = actingSignal(5, () => {
      writeFileSync(`${folder}/new`, 'x');
      renameSync(`${folder}/new`, path);
    });
    assert.deepEqual(await reader.read({ ...input, signal: replaced }), { kind: 'torn' });
  });

  test(`${name}: rejects with the signal's reason, before and while it reads`, async (t) => {
    const { folder, reader } = await setup(t);
    const input = { ...(await writePicture(folder, 'a.jpg', await makePhoto({ seed: 1 }))), longSide: 64 };
    const reason = new Error('enough');
    await assert.rejects(reader.read({ ...input, signal: AbortSignal.abort(reason) }), reason);
    for (let step = 1; step <= 5; step += 1) {
      const ending = new AbortController();
      const signal = actingSignal(step, () => ending.abort(reason), ending);
      await assert.rejects(reader.read({ ...input, signal }), reason);
    }
  });
}
