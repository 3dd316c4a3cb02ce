import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** Goes with the test. Every user may pass it: as root, the embedded database runs as another one. */
export async function temporaryFolder(t: Pick<TestContext, 'after'>): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'darkroom-test-')));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  await chmod(folder, 0o711);
  return folder;
}
