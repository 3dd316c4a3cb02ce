import path from 'node:path';
import type { TestContext } from 'node:test';
import { makePhotos } from './photos.ts';
import { type ScriptedHostOptions, startScriptedHost } from './scripted-host.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A structured answer as hosts send it. */
export const structured = JSON.stringify({
  description: 'A boat.',
  tags: ['boat', 'sea'],
  text_in_image: 'AHOY',
  safety: 'safe',
});

/** Photos, and two hosts with a model each: `a-vl` and `b-vl`. No `up` runs. */
export async function twoHosts(
  t: TestContext,
  { photos = 6, a = {}, b = {} }: { photos?: number; a?: ScriptedHostOptions; b?: ScriptedHostOptions } = {},
) {
  const home = await temporaryFolder(t);
  const folder = path.join(home, 'library');
  const names = await makePhotos(folder, photos);
  const [hostA, hostB] = await Promise.all([
    startScriptedHost({ model: 'a-vl', ...a }),
    startScriptedHost({ model: 'b-vl', ...b }),
  ]);
  t.after(() => Promise.all([hostA.off(), hostB.off()]));
  const env = {
    DARKROOM_DATA_DIR: path.join(home, 'data'),
    VISION_HOSTS: `${hostA.url},${hostB.url}`,
    VISION_MODEL: 'a-vl',
    COLUMNS: '',
  };
  return { home, folder, names, hostA, hostB, env };
}
