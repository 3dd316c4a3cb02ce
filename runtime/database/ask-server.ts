import { connect } from 'node:net';
import { socketPath } from './target.ts';

/**
 * One statement on one connection, in the plain protocol of Postgres (docs, chapter "Frontend/Backend Protocol").
 * The supervisor asks whether the server is up and creates the database with it. Not with the driver: that one may throw
 * uncaught when its server dies, and the supervisor must outlive every server.
 */
export interface Where {
  readonly socketDir: string;
  readonly user: string;
  readonly database: string;
}

/** The server answered with an error; `code` is its SQLSTATE, such as 57P03 while it is starting. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Resolves when the statement is done. Rejects with ServerError, the socket's error, or the signal's reason. */
export async function askServer(where: Where, statement: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const socket = connect({ path: socketPath(where.socketDir) });
  const abort = () => socket.destroy(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
  signal.addEventListener('abort', abort, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('the server closed the connection')));
      socket.once('connect', () => socket.write(startup(where)));
      let readyCount = 0;
      socket.on(
        'data',
        readMessages((type, body) => {
          if (type === 'E') reject(readError(body));
          if (type === 'R' && body.readInt32BE(0) !== 0)
            reject(new ServerError('28000', 'the server wants a password'));
          if (type !== 'Z') return;
          readyCount += 1;
          if (readyCount === 1) socket.write(message('Q', cstring(statement)));
          else resolve();
        }),
      );
    });
    socket.end(message('X', Buffer.alloc(0)));
  } finally {
    signal.removeEventListener('abort', abort);
    // An 'error' after the answer concerns nobody, but without a listener it would end the process.
    socket.on('error', () => {});
    socket.destroySoon();
  }
}

const cstring = (text: string): Buffer => Buffer.from(`${text}\0`);

function startup({ user, database }: Where): Buffer {
  const version = Buffer.from([0, 3, 0, 0]);
  const settings = Object.entries({ user, database, application_name: 'darkroom up' }).flat().map(cstring);
  return message('', Buffer.concat([version, ...settings, Buffer.from([0])]));
}

function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type, 'latin1'), length, body]);
}

function readMessages(onMessage: (type: string, body: Buffer) => void): (chunk: Buffer) => void {
  let pending: Buffer = Buffer.alloc(0);
  return (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 5) {
      const end = 1 + pending.readInt32BE(1);
      if (end < 5 || pending.length < end) return;
      onMessage(pending.toString('latin1', 0, 1), pending.subarray(5, end));
      pending = pending.subarray(end);
    }
  };
}

function readError(body: Buffer): ServerError {
  const fields = new Map(
    body
      .toString('utf8')
      .split('\0')
      .map((field) => [field.slice(0, 1), field.slice(1)]),
  );
  return new ServerError(fields.get('C') ?? 'XX000', fields.get('M') ?? 'unknown error');
}
