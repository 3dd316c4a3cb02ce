import { readFileSync } from 'node:fs';

/**
 * Loaded into the node processes of an `up` by NODE_OPTIONS: the clock that they read by `Date` is off by as many milliseconds as
 * the file CLOCK_FILE says. As when a machine's clock is set, timers and `performance.now()` go on as before. The servers and
 * the native part of the SDK read the clock of the system, which stays.
 */
const { CLOCK_FILE: file = '' } = process.env;
let offset = 0;
setInterval(() => (offset = Number(readFileSync(file, 'utf8'))), 100).unref();

const { now } = Date;
const shifted = (): number => now() + offset;
globalThis.Date = new Proxy(Date, {
  construct(target, args, newTarget): object {
    const made: unknown = Reflect.construct(target, args.length === 0 ? [shifted()] : args, newTarget);
    if (!(made instanceof target)) throw new Error('this is no date');
    return made;
  },
  apply: (target) => new target(shifted()).toString(),
  get: (target, key): unknown => (key === 'now' ? shifted : Reflect.get(target, key)),
});
