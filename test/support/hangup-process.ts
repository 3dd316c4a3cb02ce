import { appendFileSync } from 'node:fs';
import { createHangup } from '../../workers/hangup.ts';

/** `node hangup-process.ts <file>`: writes into the file what SIGHUP means to it, and ends when its terminal is gone. */
const [, , file = ''] = process.argv;
const note = (text: string): void => appendFileSync(file, `${text}\n`);
const hangup = createHangup({
  onReload: () => note('reload'),
  onGone: () => {
    note('gone');
    process.exit(0);
  },
  lookAgainMs: 300,
});
process.on('SIGHUP', hangup);
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
// Nobody ends it where a test fails.
setTimeout(() => process.exit(1), 30_000);
note(`pid ${process.pid}`);
