import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openState, restoreState, setAside, writeMarker } from '../../runtime/temporal/state.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const compiled = { kind: 'compiled', version: '1.32.1' } as const;
const marker = { ...compiled, clusterId: 'one', refilled: true } as const;

async function state(t: TestContext) {
  const folder = await temporaryFolder(t);
  const dir = join(folder, 'state');
  const put = async (...names: string[]) => {
    await mkdir(dir, { recursive: true });
    for (const name of names) await writeFile(join(dir, name), name);
  };
  const others = async () => (await readdir(folder)).filter((name) => name !== 'state').toSorted();
  return { dir, put, others };
}

test('a first start is fresh and sets nothing aside', async (t) => {
  const { dir, others } = await state(t);
  assert.deepEqual(await openState(dir, compiled), { marker: undefined, setAside: undefined });
  assert.deepEqual(await others(), []);
});

test('what made the files goes on with them', async (t) => {
  const { dir, put } = await state(t);
  await put('temporal.db', 'visibility.db');
  await writeMarker(dir, marker);
  assert.deepEqual(await openState(dir, compiled), { marker, setAside: undefined });
  assert.equal(await readFile(join(dir, 'temporal.db'), 'utf8'), 'temporal.db');
});

test('killed before the first start ended (files, no marker): half a schema is never gone on with', async (t) => {
  const { dir, put } = await state(t);
  await put('temporal.db');
  const opened = await openState(dir, compiled);
  assert.equal(opened.marker, undefined);
  assert.match(opened.setAside?.reason ?? '', /first start/);
  assert.deepEqual(await readdir(dir), []);
});

test('a marker that a power cut left empty counts as none', async (t) => {
  const { dir, put } = await state(t);
  await put('temporal.db', 'visibility.db');
  await writeFile(join(dir, 'marker.json'), '');
  assert.notEqual((await openState(dir, compiled)).setAside, undefined);
});

for (const [what, other] of [
  ['another version', { ...marker, version: '1.31.2' }],
  ['another kind', { ...marker, kind: 'cli' }],
] as const) {
  test(`state made by ${what} is set aside under its maker's name`, async (t) => {
    const { dir, put, others } = await state(t);
    await put('temporal.db', 'visibility.db');
    await writeMarker(dir, other);
    const opened = await openState(dir, compiled);
    assert.equal(opened.marker, undefined);
    const [old = ''] = await others();
    assert.equal(basename(opened.setAside?.to ?? ''), old);
    assert.ok(old.startsWith(`state.${other.kind}-${other.version}.`), old);
    assert.deepEqual(await readdir(dir), []);
  });
}

test('one of the two files missing: the other is set aside', async (t) => {
  const { dir, put } = await state(t);
  await put('temporal.db');
  await writeMarker(dir, marker);
  const opened = await openState(dir, compiled);
  assert.equal(opened.marker, undefined);
  assert.match(opened.setAside?.reason ?? '', /missing/);
});

test('all files deleted by hand, marker kept: a fresh start with nothing to keep', async (t) => {
  const { dir, put, others } = await state(t);
  await put();
  await writeMarker(dir, marker);
  assert.deepEqual(await openState(dir, compiled), { marker: undefined, setAside: undefined });
  assert.deepEqual(await others(), []);
  await put('temporal.db', 'visibility.db');
  assert.equal((await openState(dir, compiled)).marker, undefined, 'killed in the start that followed');
});

test('the newest two old states are kept, whatever their makers were called', async (t) => {
  const { dir, put, others } = await state(t);
  for (const version of ['9.9.9', '1.0.0', '5.0.0']) {
    await put('temporal.db', 'visibility.db');
    await writeMarker(dir, { ...marker, kind: 'cli', version });
    await setAside(dir, 'a test');
  }
  const kept = (await others()).map((name) => name.slice(0, 'state.cli-0.0.0'.length));
  assert.deepEqual(kept, ['state.cli-1.0.0', 'state.cli-5.0.0']);
});

test('a state that was not to blame is put back', async (t) => {
  const { dir, put, others } = await state(t);
  await put('temporal.db');
  const { to } = await setAside(dir, 'a test');
  await put('newer.db');
  await restoreState(dir, to);
  assert.deepEqual(await readdir(dir), ['temporal.db']);
  assert.deepEqual(await others(), []);
});
