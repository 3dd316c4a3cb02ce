import assert from 'node:assert/strict';
import { type Socket, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { askServer } from '../../runtime/database/ask-server.ts';
import { socketPath } from '../../runtime/database/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Something that listens where a server would. */
async function standIn(t: TestContext, onConnection: (socket: Socket) => void) {
  const socketDir = await temporaryFolder(t);
  const server = createServer((socket) => {
    socket.on('error', () => {});
    onConnection(socket);
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(socketPath(socketDir), resolve));
  return { socketDir, user: 'u', database: 'd' };
}

const ready = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
const authenticated = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]);

test('an answer counts however it is cut into pieces', async (t) => {
  const where = await standIn(t, (socket) => {
    socket.once('data', () => {
      const bytes = Buffer.concat([authenticated, ready]);
      for (const byte of bytes) socket.write(Buffer.from([byte]));
      socket.once('data', () => socket.write(ready));
    });
  });
  await askServer(where, 'select 1', AbortSignal.timeout(10_000));
});

test('a server that says nothing is left when the time is over', async (t) => {
  const where = await standIn(t, () => {});
  await assert.rejects(askServer(where, 'select 1', AbortSignal.timeout(50)), { name: 'TimeoutError' });
});

test('a server that hangs up, or wants a password, is an error at once', async (t) => {
  const hangsUp = await standIn(t, (socket) => socket.once('data', () => socket.end()));
  await assert.rejects(askServer(hangsUp, 'select 1', AbortSignal.timeout(10_000)), /closed the connection/);
  const asks = await standIn(t, (socket) => socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3])));
  await assert.rejects(askServer(asks, 'select 1', AbortSignal.timeout(10_000)), { code: '28000' });
});

test('where nobody listens, the system says so', async (t) => {
  const where = { socketDir: await temporaryFolder(t), user: 'u', database: 'd' };
  await assert.rejects(askServer(where, 'select 1', AbortSignal.timeout(10_000)), { code: 'ENOENT' });
});
