import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { darkroom } from '../support/darkroom-command.ts';
import { makeJpeg } from '../support/photos.ts';
import { tagged } from '../support/pictures.ts';
import { startScriptedHost } from '../support/scripted-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { structured } from '../support/two-hosts.ts';
import { startUp } from '../support/up.ts';

test('what a prompt file names is told of each photo, and a structured answer is kept and shown whole', async (t) => {
  const home = await temporaryFolder(t);
  const folder = path.join(home, 'library');
  await mkdir(path.join(folder, 'Nice'), { recursive: true });
  const photo = await tagged(t, await makeJpeg(1), [
    'XMP-dc:Subject=sea',
    'XMP-dc:Subject=sun',
    'EXIF:ImageDescription=Our {{folder}}',
  ]);
  // The same bytes twice: told apart by their names, because this prompt names them.
  await writeFile(path.join(folder, 'Nice', 'one.jpg'), photo);
  await writeFile(path.join(folder, 'two.jpg'), photo);
  const prompt = path.join(home, 'prompt.txt');
  await writeFile(
    prompt,
    '{{file_name}}[[ in {{folder}}]]: {{tags}}.\n[[Said: {{existing_text}}]]\n[[With {{people}}]]\n',
  );
  const host = await startScriptedHost({ answer: () => ({ text: structured }) });
  t.after(() => host.off());
  const env = { VISION_PROMPT_FILE: prompt, VISION_OUTPUT: 'json' };
  const up = await startUp(t, { folders: [folder], hosts: [host.url], env });
  await up.until('both are described', async () => (await up.counts()).done === 2);
  assert.deepEqual(
    new Set(host.calls.map((call) => call.prompt.split('\n\n')[0])),
    new Set(['one.jpg in Nice: sea, sun.\nSaid: Our {{folder}}', 'two.jpg: sea, sun.\nSaid: Our {{folder}}']),
  );
  assert.match(host.calls[0]?.prompt ?? '', /\n\nAnswer as JSON\. [^\n]+\n\nAnswer in English\.$/);
  const here = { DARKROOM_DATA_DIR: up.dataDir };
  const shown = /A boat\.\n *Tags: boat, sea\n *Text in the picture: AHOY\n *Safety: safe\n/;
  assert.match((await darkroom(['trace', 'two.jpg'], here)).out, shown);
  const described = await darkroom(['describe', path.join(folder, 'two.jpg')], here);
  assert.match(described.out, shown, described.err);
  assert.match((await darkroom(['export', '--format', 'csv'], here)).out, /,boat;sea,AHOY,safe\r\n/);
  const [line = ''] = (await darkroom(['export'], here)).out.split('\n');
  assert.match(line, /"tags":\["boat","sea"\],"textInImage":"AHOY","safety":"safe"/);
  assert.equal(host.calls.length, 2);
  assert.equal((await up.stop()).code, 0);
});

test('a prompt file that cannot be used ends the start, before anything is brought up', async (t) => {
  const home = await temporaryFolder(t);
  const file = path.join(home, 'prompt.txt');
  await writeFile(file, 'On {{day}}');
  for (const command of ['up', 'worker']) {
    const ended = await darkroom([command], { DARKROOM_DATA_DIR: path.join(home, 'data'), VISION_PROMPT_FILE: file });
    assert.deepEqual([ended.code, ended.out], [2, ''], command);
    assert.match(ended.err, /^VISION_PROMPT_FILE: in \S+ there is no placeholder \{\{day\}\}; there are \{\{date\}\}/);
  }
});
