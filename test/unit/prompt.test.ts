import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { languageName } from '../../domain/language.ts';
import { checkFacts, checkPrompt, factNames, factsFor, renderPrompt, tells, usedFacts } from '../../domain/prompt.ts';
import { canonicalJson, defaultPrompts, promptFacts, type PromptFacts, type Recipe } from '../../domain/recipe.ts';

const recipe = (over: Partial<Recipe> = {}): Recipe => ({
  prompt: 'Describe.',
  language: 'en',
  models: ['m'],
  numCtx: 4096,
  numPredict: 256,
  longSide: 1344,
  ...over,
});
const capture = { takenAt: '2024-05-31T18:04:00', camera: 'Pixel 8', latitude: 48.858_37, longitude: 2.294_48 };
const everything: PromptFacts = {
  ...promptFacts({ ...capture, keywords: ['beach', 'summer'], caption: 'Our first day.\nLots of wind.' }),
  people: ['Ada, 36'],
  fileName: 'IMG_1.jpg',
  folder: '2024/Nice',
};
const filled = (prompt: string, facts: PromptFacts = everything) =>
  renderPrompt(recipe({ prompt: `${prompt} {{language}}` }), facts);
const hashOf = (value: PromptFacts) =>
  createHash('sha256')
    .update(canonicalJson({ ...value }))
    .digest('hex');

test('a prompt without placeholders is rendered, and its facts hashed, as before there were placeholders', () => {
  // Both values were computed by the code of that time.
  const before =
    'Describe.\n\nKnown about the photo (do not repeat it word for word):\nTaken: 2024-05-31 18:04:00\n' +
    'Camera: Pixel 8\nCoordinates: 48.86, 2.29\n\nAnswer in Russian.';
  const { people: _, ...ofFiles } = everything;
  for (const facts of [promptFacts(capture), ofFiles]) {
    assert.equal(renderPrompt(recipe({ language: 'ru' }), facts), before);
    assert.equal(
      hashOf(factsFor(recipe(), facts, '2024/Nice/IMG_1.jpg')),
      'f71d2e34bdb2383f694518b4eec361534ab052b291b2560c006db97b48c8380f',
    );
  }
  assert.equal(renderPrompt(recipe(), {}), 'Describe.\n\nAnswer in English.');
  assert.equal(hashOf(usedFacts(recipe(), {})), '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
});

test('recipes, facts and prompts of folders have the hashes that they had before there were facts of Immich', () => {
  const placed =
    '{{date}} {{place}} {{camera}} {{people}} {{tags}} {{file_name}} {{folder}} {{existing_text}} {{language}}';
  const sectioned = '[[In {{folder}}]] [[{{people}}]] {{tags}}';
  // Prompt, output, and the first half of each hash: recipe, facts, text. All computed by the code of that time.
  const frozen = [
    ['Describe.', undefined, 'e444fee038f3500c', 'f71d2e34bdb2383f', 'dfdf16f8f00bc396'],
    ['Describe.', 'json', 'a8b2bf23d068a393', 'f71d2e34bdb2383f', '9ceb8ea69da5750d'],
    [defaultPrompts['en'] ?? '', undefined, '93bb543795b731c5', 'f71d2e34bdb2383f', '66a2cab63a3d724e'],
    [defaultPrompts['en'] ?? '', 'json', 'a6d7a9c092e4c441', 'f71d2e34bdb2383f', '9411d7c138ed8c0f'],
    [placed, undefined, 'aca24f438959527c', '7b46efba4afac312', '75b43ad40b0da40c'],
    [placed, 'json', '80f7b282a9e970a1', '7b46efba4afac312', 'a76384dcb46d1bcd'],
    [sectioned, undefined, '333803dda2f09058', '21f4cd0dc46f7f22', '1c52d422452027c9'],
    [sectioned, 'json', 'fc8e24941831fec7', '21f4cd0dc46f7f22', '419f231fc3a89d11'],
  ] as const;
  const facts = promptFacts({ ...capture, keywords: ['beach', 'summer'], caption: 'Our first day.\nLots of wind.' });
  for (const [prompt, output, ...hashes] of frozen) {
    const asked = recipe({ prompt, models: ['m', 'n'], ...(output !== undefined && { output }) });
    const used = factsFor(asked, facts, '2024/Nice/IMG_1.jpg');
    const texts = [canonicalJson({ ...asked }), canonicalJson({ ...used }), renderPrompt(asked, used)];
    const found = texts.map((text) => createHash('sha256').update(text).digest('hex').slice(0, 16));
    assert.deepEqual(found, hashes, `${prompt} ${output}`);
  }
});

test('a recipe may say which facts a prompt without placeholders tells, by names that exist', () => {
  const told = (facts: readonly string[]) => renderPrompt(recipe({ facts }), { ...everything, rating: 3 });
  assert.equal(told([]), 'Describe.\n\nAnswer in English.');
  assert.match(told(['rating', 'date']), /:\nTaken: 2024-05-31 18:04:00\nRating: 3 of 5\n\nAnswer/);
  assert.deepEqual(usedFacts({ prompt: 'x', facts: ['folder'] }, everything), { folder: '2024/Nice' });
  assert.deepEqual(usedFacts({ prompt: '{{date}}', facts: ['folder'] }, everything), { takenAt: capture.takenAt });
  assert.equal(tells({ prompt: 'x' }, 'albums'), false);
  assert.equal(tells({ prompt: 'x', facts: ['albums'] }, 'albums'), true);
  assert.equal(tells({ prompt: '[[{{albums}}]]' }, 'albums'), true);
  assert.deepEqual(checkFacts(factNames), []);
  assert.match(checkFacts(['date', 'Datum']).join(), /^there is no fact Datum; there are date, place/);
});

test('the built-in prompts are word for word what descriptions in databases were made with', () => {
  const hash = (text: string | undefined) =>
    createHash('sha256')
      .update(text ?? '')
      .digest('hex')
      .slice(0, 16);
  assert.deepEqual([hash(defaultPrompts['en']), hash(defaultPrompts['ru'])], ['fdd62e2096372961', '1eb2d95922b07ff9']);
});

test('each placeholder is replaced by what is known', () => {
  const prompt =
    '{{date}} | {{place}} | {{camera}} | {{people}} | {{tags}} | {{ file_name }} | {{folder}} | {{existing_text}} |';
  assert.equal(
    filled(prompt),
    '2024-05-31 18:04:00 | 48.86, 2.29 | Pixel 8 | Ada, 36 | beach, summer | IMG_1.jpg | 2024/Nice | ' +
      'Our first day. Lots of wind. | English',
  );
});

test('what is unknown takes its section with it, and its line where nothing else is on it', () => {
  const prompt =
    'Describe. [[Taken {{date}} with {{camera}}.]] Be short.\n[[Keywords: {{tags}}]]\n  [[In {{folder}}]]\nEnd.';
  assert.equal(
    filled(prompt),
    'Describe. Taken 2024-05-31 18:04:00 with Pixel 8. Be short.\nKeywords: beach, summer\n  In 2024/Nice\nEnd. English',
  );
  assert.equal(filled(prompt, { takenAt: '2024-05-31T18:04:00' }), 'Describe. Be short.\nEnd. English');
  assert.equal(filled('[[{{date}}]] [[{{tags}}]] Go.', {}), 'Go. English');
  assert.equal(filled('A [[{{date}}\n\n{{tags}}]]B', { takenAt: 'x' }), 'AB English');
  assert.equal(filled('A \0 B [[{{tags}}]] C', {}), 'A  B C English');
  assert.equal(filled('Taken: {{date}}.', {}), 'Taken: unknown. English');
  assert.equal(filled('Tags: {{tags}}.', { keywords: [' ', '\n'] }), 'Tags: unknown. English');
});

test('a template says itself what it tells, and is asked for the language only where it does not name it', () => {
  assert.equal(
    renderPrompt(recipe({ prompt: 'On {{date}}?', language: 'de' }), everything),
    'On 2024-05-31 18:04:00?\n\nAnswer in German.',
  );
  assert.equal(renderPrompt(recipe({ prompt: 'In {{language}}!' }), everything), 'In English!');
});

test('brackets without a placeholder are text', () => {
  const prompt = 'Wiki links look like [[this]]. {"a": {{"b": 1}}}';
  assert.deepEqual(checkPrompt(prompt), []);
  assert.equal(renderPrompt(recipe({ prompt }), {}), `${prompt}\n\nAnswer in English.`);
});

test('an unknown placeholder, or a bracket without its partner, is a problem that is told with what to write', () => {
  assert.deepEqual(checkPrompt('Taken {{date}}. [[With {{camera}}.]]'), []);
  for (const name of ['Date', 'file-name', 'дата', 'constructor']) {
    const [problem = '', ...more] = checkPrompt(`Taken {{${name}}}, {{date}}, {{${name}}}.`);
    assert.deepEqual(more, []);
    assert.ok(problem.startsWith(`there is no placeholder {{${name}}}; there are {{date}}, {{place}}, `), problem);
    assert.ok(problem.includes('{{language}}'));
  }
  for (const prompt of ['[[Taken {{date}}', '{{date}}]]', '[[a [[{{date}}]] b]]', '{{date}} [[never]]']) {
    assert.match(checkPrompt(prompt).join(), /stand in pairs/, prompt);
  }
});

test('only facts that the prompt uses count, and name and folder are facts only where it names them', () => {
  const used = (prompt: string) =>
    factsFor({ prompt }, promptFacts({ ...capture, keywords: ['a'] }), '2024/Nice/x.jpg');
  assert.deepEqual(used('{{tags}}'), { keywords: ['a'] });
  assert.deepEqual(used('{{file_name}} {{date}}'), { fileName: 'x.jpg', takenAt: capture.takenAt });
  assert.deepEqual(used('[[{{folder}}]] {{people}} {{existing_text}} {{place}}'), {
    folder: '2024/Nice',
    place: '48.86, 2.29',
  });
  assert.deepEqual(used('{{language}}'), {});
  assert.deepEqual(factsFor({ prompt: '{{folder}}' }, {}, 'x.jpg'), {});
});

test('no value is longer than 500 characters, and a list is cut between words', () => {
  const keywords = Array.from({ length: 200 }, (_, at) => `keyword ${at}`);
  const line = filled('{{tags}}', { keywords });
  assert.ok(line.length <= 500 + ' English'.length && /keyword \d+ English$/.test(line), line);
  assert.equal(filled('{{existing_text}}', { existingText: 'x'.repeat(3_000) }).length, 500 + ' English'.length);
  assert.equal(filled('{{tags}}', { keywords: ['🎅'.repeat(600)] }), `${'🎅'.repeat(500)} English`);
});

test('a structured answer is asked for with what each field means, in the language of the prompt', () => {
  for (const [language, words] of [
    ['en', /Answer as JSON/],
    ['ru', /Ответьте в формате JSON/],
    ['de', /Answer as JSON/],
  ] as const) {
    const text = renderPrompt(recipe({ language, output: 'json' }), {});
    assert.match(text, words);
    for (const field of ['description', 'tags', 'text_in_image', 'safety'])
      assert.ok(text.includes(`${field}:`), field);
    assert.match(text, /^Describe\.\n\n[^\n]+\n\nAnswer in \w+\.$/);
  }
});

test('a language is called by its name where it is a known code, else as it was written', () => {
  const named = {
    de: 'German',
    'pt-BR': 'Brazilian Portuguese',
    pt_PT: 'Portuguese',
    'zh-Hant-TW': 'Chinese',
    UK: 'Ukrainian',
  };
  for (const [code, name] of Object.entries(named)) assert.equal(languageName(code), name, code);
  for (const text of ['Klingon', 'tlh', 'easy German', 'constructor']) assert.equal(languageName(text), text);
});

/** Anything that a file may hold, and what a template is made of. */
const pieces = fc.constantFrom(
  '{{',
  '}}',
  '[[',
  ']]',
  '{{date}}',
  '[[{{tags}}]]',
  '\n',
  '\0',
  '$&',
  '$1',
  'unknown',
  '\u202e',
);
const value = fc
  .array(fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 12 })
  .map((parts) => parts.join(''));

test('whatever a file says, it fills its place and changes nothing else of the prompt', () => {
  const facts = fc.record(
    {
      takenAt: value,
      camera: value,
      place: value,
      existingText: value,
      fileName: value,
      folder: value,
      keywords: fc.array(value, { maxLength: 60 }),
    },
    { requiredKeys: [] },
  );
  const prompt = 'A1 {{camera}} A2\n[[B1 {{date}} B2 {{tags}} B3]]\nC1 [[{{existing_text}}]] C2 {{folder}} C3';
  const shape = /^A1 (.+) A2\n(?:B1 (.+) B2 (.+) B3\n)?C1(?: (.+))? C2 (.+) C3\n\nAnswer in English\.$/u;
  fc.assert(
    fc.property(facts, (given) => {
      const text = renderPrompt(recipe({ prompt }), given);
      const [whole, ...values] = shape.exec(text) ?? [];
      assert.equal(whole, text);
      for (const one of values)
        if (one !== undefined) assert.ok(Array.from(one).length <= 500 && !/[\p{Cc}\p{Cf}]/u.test(one));
    }),
    { numRuns: 500 },
  );
});

test('however a template is written, rendering it ends and loses none of its known values', () => {
  fc.assert(
    fc.property(value, (prompt) => {
      const problems = checkPrompt(prompt);
      const text = renderPrompt(recipe({ prompt }), everything);
      assert.ok(text.endsWith('English.'));
      if (problems.length === 0 && prompt.includes('{{date}}')) assert.ok(text.includes('2024-05-31 18:04:00'));
    }),
    { numRuns: 500 },
  );
});
