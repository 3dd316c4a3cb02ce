import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { type ChaosOptions, runChaos } from './mixed/run.ts';
import type { Tally } from './mixed/tally.ts';

const usage = `Usage: npm run chaos -- [--library immich] [--seed <number>] [--photos 300] [--kills 21]

Works through photos that are made on the spot, on three scripted hosts, while a real \`darkroom up\` is killed in every way,
and then counts. With --library immich the photos lie in a scripted Immich, which is killed too, loses some texts, and in which
people type meanwhile. The same seed makes the same photos and the same plan. Exit code 1: a promise is broken.`;

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      photos: { type: 'string', default: '300' },
      kills: { type: 'string', default: '21' },
      library: { type: 'string', default: 'folder' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const asked = { seed: Number(values.seed), photos: Number(values.photos), kills: Number(values.kills) };
  const { library } = values;
  const isLibrary = library === 'folder' || library === 'immich';
  if (values.help || !isLibrary || !Object.values(asked).every((value) => Number.isInteger(value) && value >= 0)) {
    process.stdout.write(`${usage}\n`);
    return values.help ? 0 : 2;
  }
  const began = Date.now();
  const say = (line: string): void =>
    void process.stdout.write(`${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);
  say(`seed ${asked.seed}`);
  const ends: (() => unknown)[] = [];
  const cleanUp = async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void cleanUp().then(() => process.exit(130)));
  }
  const home = await makeTemporaryFolder();
  try {
    const found = await runChaos({ after: (end) => void ends.push(end) }, { ...asked, library, home, say });
    const kept = found.broken.length > 0;
    if (!kept) ends.unshift(() => rm(home, { recursive: true, force: true }));
    report(found, asked, kept ? home : undefined, say);
    return kept ? 1 : 0;
  } finally {
    await cleanUp();
  }
}

function report(
  { broken, failures, repeated, ...counted }: Tally,
  { seed, photos }: Pick<ChaosOptions, 'seed' | 'photos'>,
  home: string | undefined,
  say: (line: string) => void,
): void {
  for (const failure of failures) say(`parked: ${failure}`);
  say(`${repeated} calls were repeated`);
  for (const promise of broken) say(`BROKEN: ${promise}`);
  if (home !== undefined) say(`everything is left in ${home}`);
  process.stdout.write(`${JSON.stringify({ chaos: 'mixed', seed, photos, ...counted })}\n`);
}

// The driver may throw from a timer when its server is killed (postgres 3.4.9); the look that met it is repeated.
process.on('uncaughtException', (error) => {
  if (!error.stack?.includes('node_modules/postgres/')) throw error;
});
process.exitCode = await main(process.argv.slice(2));
