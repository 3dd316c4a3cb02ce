import { watch } from 'node:fs';
import { createIgnored } from '../../adapters/folder/ignore.ts';
import { createWatcher } from '../../adapters/folder/watcher.ts';

/**
 * A program: watches the folder that is its first argument where the system allows fewer watches than it has folders,
 * and prints one JSON line per thing that happens. A second argument makes the system's refusal up, after that many
 * watches. Ends when its input does.
 */
const root = process.argv[2] ?? '';
const madeUpAfter = process.argv[3] === undefined ? Infinity : Number(process.argv[3]);
const print = (line: object) => console.log(JSON.stringify(line));
let opened = 0;

const watcher = createWatcher({
  root,
  ignored: createIgnored({ root }),
  onFile: (rawPath) => print({ file: Buffer.from(rawPath).toString() }),
  onFullScanDue: (reason) => print({ scan: reason }),
  onFallback: (line) => print({ fallback: line }),
  log: { info: () => undefined, warn: (_, message) => print({ warning: message }) },
  timing: { quickScanMs: 50 },
  openWatch: (path, onEvent) => {
    opened += 1;
    if (opened > madeUpAfter) throw Object.assign(new Error('made up'), { code: 'ENOSPC' });
    return watch(path, { encoding: 'buffer' }, onEvent);
  },
});
await watcher.ready;
print({ ready: true });
process.stdin.on('end', () => void watcher.close()).resume();
