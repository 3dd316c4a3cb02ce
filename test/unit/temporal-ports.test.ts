import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { choosePorts, portBlock, portIsFree } from '../../runtime/temporal/ports.ts';

const allBut =
  (...taken: number[]) =>
  (port: number) =>
    Promise.resolve(!taken.includes(port));

test('the block is the documented one: four services, HTTP ten above, membership a hundred above', async () => {
  const ports = await choosePorts({ port: 7233, uiPort: 8233, isFree: allBut() });
  assert.deepEqual(ports, {
    frontend: 7233,
    history: 7234,
    matching: 7235,
    worker: 7236,
    http: 7243,
    membershipOffset: 100,
    ui: 8233,
  });
});

for (const taken of [7233, 7236, 7243, 7333, 7336]) {
  test(`port ${taken} in use is named, with the settings that help`, async () => {
    const choosing = choosePorts({ port: 7233, uiPort: 8233, isFree: allBut(taken) });
    await assert.rejects(choosing, (error: Error) => {
      assert.match(error.message, new RegExp(`^Port ${taken} on 127\\.0\\.0\\.1 is in use`));
      assert.match(error.message, /DARKROOM_TEMPORAL_PORT/);
      assert.match(error.message, /TEMPORAL_ADDRESS/);
      return true;
    });
  });
}

test('the port of the Web UI has a setting of its own', async () => {
  const choosing = choosePorts({ port: 7233, uiPort: 8233, isFree: allBut(8233) });
  await assert.rejects(choosing, /^ConfigError: Port 8233 .*DARKROOM_TEMPORAL_UI_PORT/);
});

test('zero takes a block that is free as a whole, the last one first', async () => {
  const last = { port: 21_000, uiPort: 22_000 };
  assert.deepEqual(await choosePorts({ port: 0, uiPort: 0, last, isFree: allBut() }), portBlock(21_000, 22_000));
  const moved = await choosePorts({ port: 0, uiPort: 0, last, isFree: allBut(21_103, 22_000) });
  assert.notEqual(moved.frontend, 21_000);
  assert.notEqual(moved.ui, 22_000);
});

test('a port counts as taken whether its owner listens on loopback or on every address', async (t) => {
  for (const host of ['127.0.0.1', '0.0.0.0', '::']) {
    const owner = createServer().listen({ port: 0, host });
    t.after(() => owner.close());
    await once(owner, 'listening');
    const address = owner.address();
    assert.ok(address !== null && typeof address === 'object');
    assert.equal(await portIsFree(address.port), false, host);
  }
});
