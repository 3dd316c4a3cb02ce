import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { countPhotos } from '../adapters/folder/count-photos.ts';
import { createIgnored } from '../adapters/folder/ignore.ts';
import { connect } from '../adapters/postgres/connection.ts';
import { createEndedPhotos } from '../adapters/postgres/ended-photos.ts';
import { migrate } from '../adapters/postgres/migrate.ts';
import { createSpeedQueries } from '../adapters/postgres/speed-queries.ts';
import { createStatusQueries } from '../adapters/postgres/status-queries.ts';
import { createEmbeddedPostgres } from '../runtime/database/embedded.ts';
import { postgresOptions } from '../runtime/database/target.ts';
import type { Bench } from './main.ts';
import { fillWith, wantedHash } from './status/million-photos.ts';

const migrations = fileURLToPath(new URL('../migrations', import.meta.url));
const repeats = 5;

/** Milliseconds of each question, the median of five. */
type Asked = Record<string, number>;

async function askAll(questions: Readonly<Record<string, () => Promise<unknown>>>): Promise<Asked> {
  const asked: Asked = {};
  for (const [name, ask] of Object.entries(questions)) {
    const took: number[] = [];
    for (let at = 0; at < repeats; at += 1) {
      const began = performance.now();
      await ask();
      took.push(performance.now() - began);
    }
    asked[name] = Math.round(took.toSorted((a, b) => a - b)[Math.floor(repeats / 2)] ?? Number.NaN);
  }
  return asked;
}

async function database(dataDir: string, photos: number) {
  const postgres = await createEmbeddedPostgres({ dataDir, onLog: () => undefined });
  await postgres.start();
  try {
    await postgres.ready(AbortSignal.timeout(60_000));
    const address = postgresOptions(postgres.connection, { max: 2 });
    await migrate(address, migrations);
    const rows = connect(address, { max: 2, limitMs: 900_000 });
    await fillWith(rows, photos);
    await rows.run((sql) => sql`analyze`);
    const status = createStatusQueries({ database: rows });
    const speeds = createSpeedQueries({ database: rows });
    const endedSince = createEndedPhotos({ database: rows });
    const questions = {
      counts: () => status.counts({ usual: wantedHash, libraries: {} }),
      recentRate: () => status.recentRate(),
      waitingReasons: () => status.waitingReasons(),
      parkedByCode: () => status.parkedByCode(),
      // A run of `up` that began an hour ago: 18,000 photos at 5 a second.
      hostTotals: () => status.hostTotals(Date.now() - 3_600_000),
      hostTotalsSinceEver: () => status.hostTotals(),
      hostSpeeds: () => speeds.hostSpeeds(),
      callShare: () => speeds.callShare(),
      endedSinceEver: () => endedSince(0),
    };
    const fresh = await askAll(questions);
    await rows.run((sql) => sql`vacuum`);
    const settled = await askAll(questions);
    await rows.close();
    return { fresh, settled };
  } finally {
    await postgres.stop();
  }
}

async function folder(root: string, files: number): Promise<number> {
  for (let at = 0; at < files; at += 250) {
    const name = path.join(root, `${at}`);
    await mkdir(name, { recursive: true });
    const names = Array.from({ length: Math.min(250, files - at) }, (_, nth) => path.join(name, `IMG_${at + nth}.jpg`));
    await Promise.all(names.map((file) => writeFile(file, '')));
  }
  const { countMs = Number.NaN } = await askAll({
    countMs: () => countPhotos({ root, ignored: createIgnored({ root }), signal: new AbortController().signal }),
  });
  return countMs;
}

const status: Bench = {
  name: 'status',
  claim: 'what is asked for status and for telling how long it takes stays quick in a large library',
  async run(args) {
    const { values } = parseArgs({
      args: [...args],
      options: { photos: { type: 'string', default: '1000000' }, files: { type: 'string', default: '100000' } },
    });
    const home = await mkdtemp(path.join(tmpdir(), 'darkroom-bench-status-'));
    try {
      // As root, the database runs as another user and must be able to pass.
      await chmod(home, 0o711);
      const dataDir = path.join(home, 'data');
      await mkdir(dataDir, { mode: 0o711 });
      const [photos, files] = [Number(values.photos), Number(values.files)];
      const { fresh, settled } = await database(dataDir, photos);
      return {
        bench: 'status',
        photos,
        ms: settled,
        msBeforeVacuum: fresh,
        files,
        countMs: await folder(path.join(home, 'library'), files),
      };
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  },
};

export default status;
