import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { loadSettings, recipeOf, settingsSchema } from '../../runtime/config.ts';

const example = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
const assignments = [...example.matchAll(/^# ([A-Z][A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => ({
  name,
  value,
}));

test('.env.example lists every setting, in the order of the code, and no other', () => {
  assert.deepEqual(
    assignments.map(({ name }) => name),
    Object.keys(settingsSchema.shape),
  );
});

test('the defaults in .env.example are the defaults of the code', () => {
  const defaults: Record<string, unknown> = loadSettings({});
  for (const { name, value } of assignments) {
    if (value === '' || ['DARKROOM_DATA_DIR', 'DATABASE_URL'].includes(name)) continue;
    assert.equal(String(defaults[name]), value, name);
  }
});

test('all wrong settings are reported together, each by its name', () => {
  assert.throws(
    () =>
      loadSettings({
        VISION_SLOTS: 'many',
        DARKROOM_MODE: 'sometimes',
        VISION_HOSTS: 'gpu-box:11434',
        DATABASE_URL: 'mysql://x',
      }),
    (error: Error) =>
      ['VISION_SLOTS', 'DARKROOM_MODE', 'VISION_HOSTS', 'DATABASE_URL'].every((name) => error.message.includes(name)),
  );
});

test('a variable that is set to nothing is a variable that is not set', () => {
  assert.deepEqual(loadSettings({ VISION_HOSTS: '', VISION_SLOTS: '' }).VISION_HOSTS, ['http://localhost:11434']);
});

test('the same host twice, or with a slash behind it, is one host', () => {
  assert.deepEqual(loadSettings({ VISION_HOSTS: 'http://a:1/, http://a:1,http://b:2' }).VISION_HOSTS, [
    'http://a:1',
    'http://b:2',
  ]);
});

test('secrets do not come out as text, in any of the usual ways', () => {
  const settings = loadSettings({ VISION_TOKEN: 'hush-1', DATABASE_URL: 'postgres://u:hush-2@h/d' });
  for (const text of [JSON.stringify(settings), inspect(settings, { depth: 9 }), String(settings.VISION_TOKEN)]) {
    assert.doesNotMatch(text, /hush/);
  }
  assert.equal(settings.VISION_TOKEN?.reveal(), 'hush-1');
});

test('the recipe follows the settings and falls back to English', () => {
  assert.match(recipeOf(loadSettings({ VISION_LANGUAGE: 'ru' })).prompt, /Опишите/);
  assert.match(recipeOf(loadSettings({ VISION_LANGUAGE: 'de' })).prompt, /Describe/);
  assert.deepEqual(recipeOf(loadSettings({ VISION_MODEL: 'm' })).models, ['m']);
});

test('the recipe accepts the model of each role, each once, and asks for JSON only when told to', () => {
  const recipe = (env: Record<string, string>) => recipeOf(loadSettings({ VISION_MODEL: 'm', ...env }));
  assert.deepEqual(recipe({ VISION_FALLBACK_MODEL: 'n' }).models, ['m', 'n']);
  assert.deepEqual(recipe({ VISION_FALLBACK_MODEL: 'm' }).models, ['m']);
  // Recipes of before stay the same: a key that says what was always so would ask for every photo again.
  assert.ok(!('output' in recipe({ VISION_OUTPUT: 'text' })));
  assert.equal(recipe({ VISION_OUTPUT: 'json' }).output, 'json');
});

test('a prompt with an unknown placeholder is a wrong setting, and so are a prompt and a prompt file at once', () => {
  const both = { VISION_PROMPT: 'On {{day}}', VISION_PROMPT_FILE: 'prompt.txt', VISION_SLOTS: 'many' };
  const words =
    /VISION_SLOTS: [^]*VISION_PROMPT: there is no placeholder \{\{day\}\}; there are [^]*VISION_PROMPT_FILE: .* unset one/;
  assert.throws(() => loadSettings(both), words);
  assert.throws(() => loadSettings({ VISION_PROMPT: 'a', VISION_PROMPT_FILE: 'b' }), /unset one/);
  assert.equal(loadSettings({ VISION_PROMPT: '', VISION_PROMPT_FILE: 'b' }).VISION_PROMPT_FILE, 'b');
  assert.equal(recipeOf(loadSettings({ VISION_PROMPT: 'On {{date}}' })).prompt, 'On {{date}}');
});

test('how long runs are kept is a span from an hour to thirty days', () => {
  for (const DARKROOM_RETENTION of ['1h', '90m', '7d', '30d']) loadSettings({ DARKROOM_RETENTION });
  for (const DARKROOM_RETENTION of ['59m', '31d', '24', 'for ever']) {
    assert.throws(
      () => loadSettings({ DARKROOM_RETENTION }),
      /DARKROOM_RETENTION: is not a span of time from 1h to 30d/,
    );
  }
});
