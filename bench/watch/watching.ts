import { createIgnored } from '../../adapters/folder/ignore.ts';
import { createWatcher } from '../../adapters/folder/watcher.ts';

/** A program: our watcher and nothing else, on the folder that is its first argument; the second is WATCH_POLL. */
const [root = '', poll = 'off'] = process.argv.slice(2);
const print = (line: string) => process.stdout.write(`${line}\n`);

const watcher = createWatcher({
  root,
  ignored: createIgnored({ root }),
  poll: poll === 'on' ? 'on' : 'off',
  onFile: () => print('noticed'),
  onFallback: () => print('fallback'),
  log: { info: (_, message) => console.error(message), warn: (_, message) => console.error(message) },
  timing: { quickScanMs: 5_000 },
});
await watcher.ready;
print('ready');
process.once('SIGTERM', () => void watcher.close());
