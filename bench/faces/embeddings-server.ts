import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from '../../adapters/postgres/connection.ts';
import { createFaceVectors } from '../../adapters/postgres/face-vectors.ts';
import { embeddedDatabase, embeddedRole, postgresOptions } from '../../runtime/database/target.ts';
import { model } from './memory-faces.ts';

/** STAND-IN for `GET /faces/embeddings` of the HTTP API, in a process of its own; prints its address. Ends with its input. */
const target = {
  kind: 'socket',
  socketDir: process.argv[2] ?? '',
  user: embeddedRole,
  database: embeddedDatabase,
} as const;
const database = connect(postgresOptions(target, { max: 4 }), { max: 4, limitMs: 60_000 });
const vectors = createFaceVectors({ database });

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const [limit, offset] = [Number(searchParams.get('limit')), Number(searchParams.get('offset'))];
  const page = await vectors.page({ model, library: searchParams.get('library') ?? '', limit, offset });
  const faces = page.map(({ faceId, embedding }) => ({
    faceId,
    embedding: Buffer.from(embedding.buffer, embedding.byteOffset, embedding.byteLength).toString('base64'),
  }));
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ faces }));
}

const server = createServer((request, response) => void answer(request, response));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') process.stdout.write(`${JSON.stringify({ port: address?.port })}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
