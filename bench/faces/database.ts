import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import { migrate } from '../../adapters/postgres/migrate.ts';
import { createEmbeddedPostgres } from '../../runtime/database/embedded.ts';
import { postgresOptions } from '../../runtime/database/target.ts';
import { makeTemporaryFolder } from '../../test/support/temporary-folder.ts';
import type { SyntheticFaces } from '../../test/support/synthetic-faces.ts';
import { model } from './memory-faces.ts';

const migrations = fileURLToPath(new URL('../../migrations', import.meta.url));
export const library = 'pictures';
const rowsAtOnce = 1_000;

interface Filled {
  /** Where another process finds the socket of the server. */
  readonly socketDir: string;
  /** Its limit is long enough for a merge of 20,000 faces. */
  readonly database: Database;
}

/** The embedded Postgres with these faces in it, one on each photo; taken away afterwards. */
export async function withDatabase<T>(set: SyntheticFaces, work: (filled: Filled) => Promise<T>): Promise<T> {
  const home = await makeTemporaryFolder();
  const dataDir = path.join(home, 'data');
  await mkdir(dataDir, { mode: 0o711 });
  const postgres = await createEmbeddedPostgres({ dataDir, onLog: () => undefined });
  await postgres.start();
  try {
    await postgres.ready(AbortSignal.timeout(60_000));
    const address = postgresOptions(postgres.connection, { max: 4 });
    await migrate(address, migrations);
    const database = connect(address, { max: 4, limitMs: 600_000 });
    try {
      await fill(database, set);
      return await work({ socketDir: postgres.connection.socketDir, database });
    } finally {
      await database.close();
    }
  } finally {
    await postgres.stop();
    await rm(home, { recursive: true, force: true });
  }
}

async function fill(database: Database, { vectors }: SyntheticFaces): Promise<void> {
  await database.run((sql) => sql`insert into darkroom.library (name, root) values (${library}, '/pictures')`);
  await database.run(
    (sql) => sql`
      insert into darkroom.asset (library_id, raw_path, path, state, size, mtime_ms, ctime_ms, inode, content_hash)
      select 1, convert_to(at || '.jpg', 'UTF8'), at || '.jpg', 'done', 3000000, 1700000000000, 1700000000000, at::text,
        md5(at::text) || md5(at::text)
      from generate_series(1, ${vectors.length}::integer) at`,
  );
  for (let first = 0; first < vectors.length; first += rowsAtOnce) {
    const rows = vectors.slice(first, first + rowsAtOnce).map((vector, nth) => ({
      at: `${first + nth + 1}`,
      embedding: `{${vector.join(',')}}`,
    }));
    await database.run(
      (sql, json) => sql`
        with row as (select * from jsonb_to_recordset(${json(rows)}) as r (at text, embedding text)), face as (
          insert into darkroom.face_detection (content_hash, model, status, is_first, x, y, width, height, score)
          select md5(at) || md5(at), ${model}, 'detected', true, 0.25, 0.25, 0.25, 0.25, 0.9 from row order by at::integer
          returning id, content_hash
        )
        insert into darkroom.face_vector (face_id, model, embedding)
        select face.id, ${model}, row.embedding::real[] from face join row on face.content_hash = md5(row.at) || md5(row.at)`,
    );
  }
  await database.run((sql) => sql`analyze`);
}

const ownerRow = z.object({ nth: z.number(), personId: z.string() });

/** Of each face, in the order of the vectors, who has it. */
export async function peopleIn(database: Database, count: number): Promise<readonly (string | undefined)[]> {
  const people: (string | undefined)[] = Array.from({ length: count }, () => undefined);
  const rows = await database.rows(
    ownerRow,
    (sql) => sql`
      select a.inode::integer as nth, f.person_id::text as person_id
      from darkroom.face_detection f join darkroom.asset a on a.content_hash = f.content_hash where f.person_id is not null`,
  );
  for (const { nth, personId } of rows) people[nth - 1] = personId;
  return people;
}
