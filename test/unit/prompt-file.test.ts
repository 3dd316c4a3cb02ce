import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { loadSettings, recipeOf, SettingsError } from '../../runtime/config.ts';
import { readPromptFile, withPromptFile } from '../../runtime/prompt-file.ts';
import { whileLocked } from '../support/privileges.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function written(t: TestContext, bytes: string | Buffer): Promise<string> {
  const file = path.join(await temporaryFolder(t), 'prompt.txt');
  await writeFile(file, bytes);
  return file;
}

const refused = (file: string, words: RegExp, setting?: string) =>
  assert.rejects(readPromptFile(file, setting), (error: unknown) => {
    assert.ok(error instanceof SettingsError, String(error));
    assert.ok(
      error.message.startsWith(`${setting ?? 'VISION_PROMPT_FILE'}: `) && error.message.includes(file),
      error.message,
    );
    assert.match(error.message, words);
    return true;
  });

test('a prompt file is read as it is written, but for the white space around it', async (t) => {
  const file = await written(t, '\uFEFF\n  Опишите {{date}}.\n\n[[Где: {{place}}]]\n \n');
  assert.equal(await readPromptFile(file), 'Опишите {{date}}.\n\n[[Где: {{place}}]]');
});

test('the text of the file stands in for the setting of the prompt, and both together are told as wrong', async (t) => {
  const file = await written(t, 'On {{date}}?\n');
  const env = { VISION_PROMPT_FILE: file, VISION_SLOTS: '2', VISION_PROMPT: '' };
  const settings = loadSettings(await withPromptFile(env));
  assert.equal(recipeOf(settings).prompt, 'On {{date}}?');
  assert.equal(settings.VISION_SLOTS, 2);
  // A process that was given this environment does not read the file again.
  const handed = await withPromptFile(env);
  await rm(file);
  assert.equal(await withPromptFile(handed), handed);
  const both = { VISION_PROMPT: 'Describe.', VISION_PROMPT_FILE: file };
  assert.equal(await withPromptFile(both), both);
  assert.throws(() => loadSettings(both), /VISION_PROMPT is set too/);
});

test('a file that cannot be a prompt is refused with its setting, its name and what to do', async (t) => {
  const folder = await temporaryFolder(t);
  await refused(path.join(folder, 'none.txt'), /there is no file/);
  await mkdir(path.join(folder, 'folder'));
  await refused(path.join(folder, 'folder'), /not a file/);
  execFileSync('mkfifo', [path.join(folder, 'pipe')]);
  await refused(path.join(folder, 'pipe'), /not a file/);
  await refused(await written(t, ' \n\t'), /is empty/);
  await refused(await written(t, Buffer.from([0x44, 0xff, 0x44])), /not UTF-8/);
  await refused(await written(t, 'a\0b'), /not UTF-8/);
  await refused(await written(t, 'x'.repeat(16_385)), /16385 bytes; 16384/);
  assert.equal((await readPromptFile(await written(t, 'x'.repeat(16_384)))).length, 16_384);
  await refused(
    await written(t, 'On {{day}}'),
    /there is no placeholder \{\{day\}\}; there are \{\{date\}\}/,
    '--prompt-file',
  );
  const shut = await written(t, 'Describe.');
  await whileLocked(shut, () => refused(shut, /may not be read/));
});
