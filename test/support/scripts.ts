import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A shell script that stands for a program: its path. */
export async function script(folder: string, name: string, body: string): Promise<string> {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return file;
}
