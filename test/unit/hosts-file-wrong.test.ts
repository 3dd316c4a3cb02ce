import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { loadSettings, SettingsError } from '../../runtime/config.ts';
import { checkHostsFile } from '../../runtime/hosts-file.ts';
import { loadVisionHosts } from '../../runtime/vision-hosts.ts';
import { complaintsAbout, writeHostsFile } from '../support/hosts-file.ts';

test('no error shows what is in the file, whatever is wrong with it', async (t) => {
  const hush = 'hush with spaces';
  const wrong = [
    [{ url: 'ftp://me:hush@a' }, { url: 'http://me:hush@b', token: 'hush' }, { url: 'hush' }, 'hush', ['hush']],
    [
      { url: 'http://a', token: hush },
      { url: 'http://b', tokenEnv: 'sk-hush' },
      { url: 'http://c', tokenFile: 'hush' },
    ],
    [
      { url: 'http://a', headers: { 'x-a': 'hush\nx' } },
      { url: 'http://b', headers: { 'x-b': { env: 'HUSH' } } },
    ],
    [{ url: 'http://a?key=hush', token: 'hush', tokenEnv: 'HUSH', options: { num_ctx: 'hush' }, price: 'hush' }],
    [{ url: 'http://a', keepAlive: 'hush', model: ['hush'], role: 'hush', api: 'hush', slots: 'hush' }],
  ];
  for (const hosts of wrong) assert.doesNotMatch(await complaintsAbout(t, hosts, { HUSH: hush }), /hush|spaces/);
  for (const text of ['{"hosts": [{"token": "hush" "url"', '{"hosts": [{"token": hush}]}', '"hush"', 'hush']) {
    const file = await writeHostsFile(t, text);
    await assert.rejects(file.load(), (error: Error) => error instanceof SettingsError && !/hush/.test(inspect(error)));
  }
});

const url = 'http://gpu:11434';
for (const [what, host, pattern, env] of [
  ['no address', { slots: 2 }, /host 1: url: is missing: give the address/],
  ['another protocol', { url: 'gpu:11434' }, /url: is not an http:\/\/ or https:\/\/ address/],
  ['a query in the address', { url: 'http://gpu/?x=1' }, /url: has a part after \?/],
  ['a name that is not known', { url, slotz: 2 }, /host 1 \(http:\/\/gpu:11434\): slotz: .*did you mean slots\?/],
  ['another way to write a name', { url, first_byte_sec: 2 }, /first_byte_sec: .*did you mean firstByteSec\?/],
  ['a name like none', { url, colour: 1 }, /colour: there is no such key; there are url, api, model/],
  ['an unknown kind', { url, api: 'gemini' }, /api: is not one of ollama, openai/],
  ['an unknown role', { url, role: 'second' }, /role: is not one of primary, fallback/],
  ['a role beside the tags of roles', { url, role: 'primary', model: { primary: 'a' } }, /role: says nothing where/],
  ['no tag at all', { url, model: {} }, /model: names no tag/],
  ['an empty tag', { url, model: ' ' }, /model: is empty: give the name/],
  ['a number as a tag', { url, model: 4 }, /model: is neither a tag nor/],
  ['a role that is not there', { url, model: { primry: 'a' } }, /model\.primry: .*did you mean primary\?/],
  ['a fallback without a name', { url, role: 'fallback', model: 'n' }, /model: .*set VISION_FALLBACK_MODEL/],
  ['the same by its role', { url, model: { primary: 'a', fallback: 'n' } }, /model: .*set VISION_FALLBACK_MODEL/],
  ['half a slot', { url, slots: 1.5 }, /slots: is not a whole number from 1 to 64/],
  ['no slot', { url, slots: 0 }, /slots: is not a whole number from 1 to 64/],
  ['text as seconds', { url, timeoutSec: '60' }, /timeoutSec: is not a whole number from 1 to 86400/],
  ['too long a silence', { url, idleSec: 4000 }, /idleSec: is not a whole number from 1 to 3600/],
  ['two tokens', { url, token: 'a', tokenEnv: 'T' }, /token, tokenEnv: are several; keep one/, { T: 'x' }],
  ['two logins', { url: 'http://a:b@gpu', token: 'a' }, /token: and a user or password in url are two logins/],
  ['a variable that is not set', { url, tokenEnv: 'T' }, /tokenEnv: .* is not set/],
  ['a variable that is empty', { url, tokenEnv: 'T' }, /tokenEnv: .* is empty/, { T: ' ' }],
  ['a file that is not there', { url, tokenFile: 'none' }, /tokenFile: .* is not there: check the path/],
  ['a folder as a file', { url, tokenFile: '.' }, /tokenFile: .* is no ordinary file/],
  ['a token of two words', { url, token: 'a b' }, /token: holds signs that a header cannot carry/],
  ['a header with a line break', { url, headers: { 'x-a': 'a\nb' } }, /headers\.x-a: holds a line break/],
  [
    'a header from a variable with one',
    { url, headers: { x: { env: 'T' } } },
    /headers\.x: holds signs/,
    { T: 'a\nb' },
  ],
  ['a header that is no text', { url, headers: { x: 1 } }, /headers\.x: is not text without line breaks, \{"env"/],
  ['a header from an unknown source', { url, headers: { x: { enw: 'T' } } }, /headers\.x\.\w+/],
  ['a header name with a space', { url, headers: { 'x y': 'a' } }, /headers\.x y: is no name of a header/],
  ['a header that is ours', { url, headers: { 'Content-Length': '1' } }, /Content-Length: is no name of a header/],
  ['a header twice', { url, headers: { 'X-A': '1', 'x-a': '2' } }, /headers\.x-a: is set twice/],
  ['a token twice', { url, token: 't', headers: { Authorization: 'x' } }, /Authorization: is set twice, .*token/],
  ['a time without a unit', { url, keepAlive: '10 minutes' }, /keepAlive: is not a time such as "10m"/],
  ['unloading after every photo', { url, keepAlive: 0 }, /keepAlive: .*load the model anew for every photo/],
  ['the same in words', { url, keepAlive: '0s' }, /keepAlive: .*load the model anew for every photo/],
  ['keepAlive elsewhere', { url, api: 'openai', keepAlive: '10m' }, /keepAlive: is known to Ollama only/],
  ['another context', { url, options: { num_ctx: 8192 } }, /options\.num_ctx: .*same on all hosts.*VISION_NUM_CTX/],
  ['an answer without end', { url, options: { num_predict: 0 } }, /options\.num_predict: .*VISION_NUM_PREDICT/],
  ['the same elsewhere', { url, api: 'openai', options: { max_tokens: -1 } }, /max_tokens: .*may never end/],
  ['no end at all', { url, api: 'openai', options: { max_tokens: null } }, /max_tokens: .*may never end/],
  ['what is asked', { url, api: 'openai', options: { messages: [] } }, /options\.messages: is filled in by Darkroom/],
  ['options that are a list', { url, options: [] }, /options: is not an object/],
  ['no tokens a day', { url, tokensPerDay: 0 }, /tokensPerDay: is not a whole number from 1/],
  ['half a price', { url, price: { promptPerMillion: 1 } }, /price\.answerPerMillion: is not a number/],
  ['a misspelt price', { url, price: { prompt: 1, answerPerMillion: 1 } }, /price\.prompt: there is no such key/],
  ['a host that is an address', url, /host 1 is not an object such as/],
] as const) {
  test(`a host with ${what} is refused`, async (t) => {
    assert.match(await complaintsAbout(t, [host], env), pattern);
  });
}

test('everything that is wrong is told at once, each with its host', async (t) => {
  const file = await writeHostsFile(
    t,
    JSON.stringify({
      host: [],
      hosts: [
        { url: 'http://a', slots: 0, tokenEnv: 'T', options: { num_ctx: 1 } },
        { url: 'http://b' },
        { url: 'HTTP://A:80/', color: 1 },
      ],
    }),
  );
  await assert.rejects(file.load(), (error: Error) => {
    const [head = '', ...lines] = error.message.split('\n');
    assert.match(head, /^The hosts file \/.*hosts\.json is wrong \(docs\/hosts\.md/);
    assert.deepEqual(
      lines.map((line) => line.replace(/: [^:]*$/, '')),
      [
        '  host',
        '  host 1 (http://a): slots',
        '  host 1 (http://a): options.num_ctx',
        '  host 1 (http://a): tokenEnv',
        '  host 3 (http://a): color',
        '  host 3 (http://a): url',
      ],
    );
    assert.match(lines[0] ?? '', /did you mean hosts\?/);
    assert.match(lines[5] ?? '', /is that of host 1/);
    return true;
  });
});

for (const [what, text, pattern] of [
  ['a list', '[]', /it has to be an object such as/],
  ['no hosts', '{}', /hosts: is missing/],
  ['an empty list', '{"hosts": []}', /hosts: names no host/],
  ['nothing', ' ', /is no JSON .*\n {2}line 1, column 2: there is nothing in it/],
  ['a slip', '{"hosts": [{"url": "http://a"} {}]}', /is no JSON.*\n {2}line 1, column 32: a comma or "]" is missing/],
] as const) {
  test(`a file with ${what} is refused`, async (t) => {
    await assert.rejects((await writeHostsFile(t, text)).load(), (error: Error) => {
      assert.ok(error instanceof SettingsError);
      assert.match(error.message, pattern);
      return true;
    });
  });
}

test('a file that cannot be read is named with what to do', async (t) => {
  const written = await writeHostsFile(t, '{"hosts": [{"url": "http://a"}]}');
  const { folder, file } = written;
  const refused = (pattern: RegExp) =>
    assert.rejects(written.load(), (error: Error) => {
      assert.ok(error instanceof SettingsError && error.message.includes(file));
      assert.match(error.message, pattern);
      return true;
    });
  await writeFile(file, Buffer.from([0x7b, 0xff, 0x7d]));
  await refused(/is not text in UTF-8/);
  await writeFile(file, ' '.repeat(1_048_577));
  await refused(/is larger than 1048576 bytes/);
  const gone = { VISION_HOSTS_FILE: path.join(folder, 'none.json') };
  await assert.rejects(loadVisionHosts(loadSettings(gone), gone), /none\.json is not there.*VISION_HOSTS_FILE/);
  const place = { VISION_HOSTS_FILE: folder };
  await assert.rejects(loadVisionHosts(loadSettings(place), place), /is no ordinary file/);
});

test('another process finds what is wrong in the file itself, and leaves variables to the one that uses them', async (t) => {
  const ok = [{ url: 'http://a', tokenEnv: 'T', role: 'fallback', model: 'n', headers: { x: { env: 'U' } } }];
  await checkHostsFile((await writeHostsFile(t, JSON.stringify({ hosts: ok }))).file);
  const wrong = [
    { url: 'http://a', slotz: 1 },
    { url: 'http://a', tokenFile: 'none' },
  ];
  const { file } = await writeHostsFile(t, JSON.stringify({ hosts: wrong }));
  await assert.rejects(checkHostsFile(file), /slotz.*\n.*tokenFile.*\n.*url: is that of host 1/);
});
