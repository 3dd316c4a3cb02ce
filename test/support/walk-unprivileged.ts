import { createFolder } from '../../adapters/folder/folder.ts';
import { createIgnored } from '../../adapters/folder/ignore.ts';
import { showPath } from '../../domain/paths.ts';

/**
 * A program: walks the folder that is its argument as an ordinary user and prints what it found. A process of its own,
 * because access(2) asks for the real user, which cannot be taken back.
 */
if (process.geteuid?.() === 0) {
  process.setgid?.(65_534);
  process.setuid?.(65_534);
}
const root = process.argv[2] ?? '';
const { files, problems } = await createFolder({ root, ignored: createIgnored({ root }) }).page({
  cursor: undefined,
  limit: 100,
});
console.log(JSON.stringify({ paths: files.map(({ rawPath }) => showPath(rawPath)), problems }));
