/** One claim with figures. `run` prints what it likes; what it returns is printed last, as one line of JSON. */
export interface Bench {
  readonly name: string;
  readonly claim: string;
  run(args: readonly string[]): Promise<object>;
}

const benches = [
  import('./engine.ts'),
  import('./watch.ts'),
  import('./hosts.ts'),
  import('./backfill.ts'),
  import('./status.ts'),
  import('./growth.ts'),
  import('./immich.ts'),
  import('./faces.ts'),
] as const;

async function main([name, ...args]: readonly string[]): Promise<number> {
  const known: readonly Bench[] = (await Promise.all(benches)).map((module) => module.default);
  if (name === '--list') {
    for (const bench of known) process.stdout.write(`${bench.name}  ${bench.claim}\n`);
    return 0;
  }
  const bench = known.find((one) => one.name === name);
  if (bench === undefined) {
    process.stderr.write(
      `Usage: npm run bench -- <name> | --list\nBenches: ${known.map((one) => one.name).join(', ')}\n`,
    );
    return 2;
  }
  process.stdout.write(`${JSON.stringify(await bench.run(args))}\n`);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
