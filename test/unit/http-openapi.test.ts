import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { z } from 'zod';
import { aboutRoutes } from '../../clients/http/about.ts';
import { eventFrames } from '../../clients/http/event-frames.ts';
import { curlLine, docsPage } from '../../clients/http/docs-page.ts';
import { openApiOf } from '../../clients/http/openapi.ts';
import { idPath, wholeNumber, yesOrNo } from '../../clients/http/parameters.ts';
import { problemCodes } from '../../clients/http/problem-codes.ts';
import { problemOf } from '../../clients/http/problems.ts';
import { type Route, route, tags } from '../../clients/http/route.ts';
import { PeopleError } from '../../domain/person.ts';
import { engineRoutes } from '../../workers/engine-routes.ts';

const routes = engineRoutes({
  token: 'a-token-that-is-long-enough',
  version: '1.2.3',
  origin: () => 'http://127.0.0.1:2285',
  lacks: async () => [],
  hint: () => undefined,
  api: () => Promise.reject(new Error('not asked')),
});

const nameOf = ({ method, path }: Route): string => `${method} ${path}`;
const fits = (schema: z.ZodType | undefined, value: unknown): boolean =>
  schema === undefined ? value === undefined : schema.safeParse(value).success;

test('every route says in words what it does, and each of its examples fits its own shapes', () => {
  assert.ok(routes.length > 3);
  for (const one of routes) {
    assert.match(one.summary, /^[A-Z].*[^.]$/, nameOf(one));
    assert.ok(tags.includes(one.tag));
    assert.ok(one.examples.length > 0, nameOf(one));
    for (const { params, query = {}, body, answer } of one.examples) {
      assert.ok(fits(one.params, params), `${nameOf(one)}: path`);
      assert.ok(fits(one.query, one.query === undefined ? undefined : query), `${nameOf(one)}: query`);
      assert.ok(fits(one.body, body), `${nameOf(one)}: body`);
      if ('json' in one.returns) {
        assert.deepEqual(one.returns.json.parse(answer), answer, `${nameOf(one)}: answer`);
      } else if ('events' in one.returns) assert.deepEqual(one.returns.events.parse(answer), answer, nameOf(one));
      else assert.equal(answer, undefined, nameOf(one));
    }
  }
});

test('no two routes are the same, and each name in a path is described', () => {
  assert.equal(new Set(routes.map(nameOf)).size, routes.length);
  for (const one of routes) {
    const inPath = [...one.path.matchAll(/:(\w+)/g)].map(([, name]) => name);
    const shape = one.params instanceof z.ZodObject ? Object.keys(one.params.shape) : [];
    assert.deepEqual(shape, inPath, nameOf(one));
  }
});

const person = z.object({ id: z.string(), name: z.string().optional() }).meta({ id: 'TestPerson' });
const sample = route({
  method: 'POST',
  path: '/persons/:id/like',
  access: 'token',
  tag: 'People',
  summary: 'Like <somebody>',
  params: idPath('the person'),
  query: z.strictObject({ limit: wholeNumber({ least: 1, most: 50, usual: 10 }), hidden: yesOrNo(false) }),
  body: z.strictObject({ why: z.string() }),
  returns: { status: 201, json: z.object({ persons: z.array(person) }) },
  problems: ['person-missing', 'name-taken', 'person-merged'],
  examples: [
    {
      params: { id: '7' },
      query: { limit: '3' },
      body: { why: "it's Anna" },
      answer: { persons: [{ id: '7', name: 'Anna' }] },
    },
  ],
  answer: async ({ params, query }) => ({ json: { persons: [{ id: params.id }], more: query.limit } }),
});

test('a route becomes an operation: parameters in their own words, named shapes once, problems by status', () => {
  const document = openApiOf([sample], { version: '1.2.3' });
  assert.partialDeepStrictEqual(document, {
    openapi: '3.1.1',
    info: { version: '1.2.3' },
    tags: [{ name: 'People' }],
    components: { schemas: { TestPerson: { type: 'object', required: ['id'] } } },
    paths: {
      '/persons/{id}/like': {
        post: {
          operationId: 'postPersonsIdLike',
          security: [{ token: [] }],
          parameters: [
            { name: 'id', in: 'path', required: true, description: 'The id of the person.', example: '7' },
            {
              name: 'limit',
              in: 'query',
              required: false,
              schema: { type: 'integer', minimum: 1, maximum: 50, default: 10 },
              example: '3',
            },
            { name: 'hidden', in: 'query', required: false, schema: { type: 'boolean', default: false } },
          ],
          requestBody: { content: { 'application/json': { schema: { properties: { why: { type: 'string' } } } } } },
          responses: {
            201: {
              content: {
                'application/json': {
                  schema: { properties: { persons: { items: { $ref: '#/components/schemas/TestPerson' } } } },
                  examples: { example1: { value: { persons: [{ id: '7', name: 'Anna' }] } } },
                },
              },
            },
            400: {},
            401: {},
            404: {
              description: `\`person-missing\`: ${problemCodes['person-missing'].meaning}`,
              content: { 'application/problem+json': { example: { title: 'Not Found', code: 'person-missing' } } },
            },
            409: {},
            429: {},
          },
        },
      },
    },
  });
  const again = { ...sample, path: '/other/:id', returns: { json: z.object({ id: z.number() }).meta({ id: 'Odd' }) } };
  const odd = { ...again, path: '/third/:id', returns: { json: z.object({ id: z.string() }).meta({ id: 'Odd' }) } };
  assert.throws(() => openApiOf([again, odd], { version: '1' }), /called Odd|already exists/);
});

test('all that the document points at is in it, and it is the same after a journey as JSON', () => {
  const document = openApiOf(routes, { version: '1' });
  const text = JSON.stringify(document);
  for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    assert.match(text, new RegExp(`"schemas":\\{.*"${name}":\\{`));
  }
  assert.doesNotMatch(text, /#\/\$defs/);
  assert.deepEqual(JSON.parse(text), document);
  const ids = [...text.matchAll(/"operationId":"(\w+)"/g)].map(([, one]) => one);
  assert.deepEqual([ids.length, new Set(ids).size], [routes.length, routes.length]);
  assert.doesNotMatch(text, /x-default/);
});

test('the page needs nothing but itself, shows each route with a line to type, and what is odd in words stays words', () => {
  const { html, policy } = docsPage([...routes, sample], { version: '<1>', origin: 'http://127.0.0.1:2285' });
  assert.doesNotMatch(
    html,
    /<(script|link|img|iframe|object|form)|\ssrc=|@import|url\(|href="(?!#|openapi\.json)|\son\w+=/,
  );
  assert.match(html, /Like &lt;somebody&gt;/);
  assert.match(html, /Version &lt;1&gt;/);
  assert.match(html, /<code>limit<\/code> <span class="small">whole number, 1 to 50, usually 10<\/span>/);
  assert.match(html, /<code>why<\/code> <span class="small">required<\/span>/);
  assert.match(html, /name="viewport" content="width=device-width/);
  for (const one of [...routes, sample]) assert.ok(html.includes(one.path.replaceAll(/:(\w+)/g, '{$1}')), nameOf(one));
  const style = /<style>([^]*)<\/style>/.exec(html)?.[1] ?? '';
  assert.ok(policy.includes(`'sha256-${createHash('sha256').update(style).digest('base64')}'`));
  assert.match(policy, /^default-src 'none'; style-src 'sha256-/);
});

test('what the API says of itself is put together once, when it is known where it is served', async () => {
  let [origins, looks] = [0, 0];
  const one: Route = {
    method: 'GET',
    path: '/one',
    access: 'open',
    tag: 'About',
    get summary() {
      looks += 1;
      return 'one';
    },
    returns: { nothing: true },
    examples: [{}],
    answer: async () => ({ status: 204 }),
  };
  const about = aboutRoutes({ routes: [one], version: '1.2.3', origin: () => `http://127.0.0.1:${(origins += 1)}` });
  const signal = AbortSignal.timeout(10_000);
  const ask = () =>
    Promise.all(about.map((each) => each.answer({ params: {}, query: {}, body: '', header: () => undefined, signal })));
  const first = await ask();
  const looked = looks;
  assert.ok(looked > 0);
  assert.deepEqual(await ask(), first);
  assert.deepEqual([origins, looks], [1, looked]);
});

test('an example is a line for a shell, with the token by its name', () => {
  const [example] = sample.examples;
  assert.equal(
    curlLine(sample, example, 'http://127.0.0.1:2285'),
    `curl -X POST -H "Authorization: Bearer $DARKROOM_API_TOKEN" -H 'Content-Type: application/json' ` +
      String.raw`-d '{"why":"it'\''s Anna"}' 'http://127.0.0.1:2285/persons/7/like?limit=3'`,
  );
});

test('what is text in a path or a query is read strictly', () => {
  const limit = wholeNumber({ least: 1, most: 50, usual: 10 });
  assert.deepEqual([limit.parse('50'), limit.parse(undefined)], [50, 10]);
  for (const odd of ['0', '51', '1000000000', '-1', '1e1', '0x10', ' 5', '', '5.0', ['5']]) {
    assert.equal(limit.safeParse(odd).success, false, String(odd));
  }
  assert.deepEqual([yesOrNo(true).parse(undefined), yesOrNo(true).parse('false')], [true, false]);
  assert.equal(yesOrNo(true).safeParse('1').success, false);
  for (const odd of ['0', '-1', 'x', '1x', '', '9999999999999999999', '1/../2']) {
    assert.equal(idPath('x').safeParse({ id: odd }).success, false, odd);
  }
});

test('an answer that is not as its route says is our fault, and of one that is only what was promised leaves', async () => {
  const raw = { header: () => undefined, signal: AbortSignal.abort(), params: { id: '7' }, body: '{"why":"x"}' };
  assert.deepEqual(await sample.answer({ ...raw, query: {} }), { status: 201, json: { persons: [{ id: '7' }] } });
  const base = { method: 'GET', path: '/x', access: 'open', tag: 'About', summary: 'X', examples: [{}] } as const;
  const bytes = route({ ...base, returns: { bytes: 'image/png' }, answer: async () => ({ json: { hush: 1 } }) });
  await assert.rejects(bytes.answer({ ...raw, query: {} }), (error) => problemOf(error).problem.status === 500);
  const wrong = route({
    ...base,
    returns: { json: z.object({ id: z.string().max(2) }) },
    answer: async () => ({ json: { id: 'hush' } }),
  });
  await assert.rejects(wrong.answer({ ...raw, query: {} }), (error) => {
    assert.equal(problemOf(error).problem.status, 500);
    assert.doesNotMatch(String(error), /hush/);
    return true;
  });
});

test('events are frames that a browser reads, and a heartbeat is a comment', async () => {
  async function* events() {
    yield { event: 'progress', data: { text: 'two\nlines' } };
    yield 'heartbeat' as const;
  }
  const frames: string[] = [];
  for await (const frame of eventFrames(events())) frames.push(frame);
  assert.deepEqual(frames, ['event: progress\ndata: {"text":"two\\nlines"}\n\n', ':\n\n']);
});

test('what cannot be done with people has a status, a code, and the other person where there is one', () => {
  const of = (error: PeopleError) => problemOf(error).problem;
  assert.deepEqual(of(new PeopleError('name-taken', 'Taken.', { otherPerson: '9' })), {
    type: 'about:blank',
    title: 'Conflict',
    status: 409,
    detail: 'Taken.',
    code: 'name-taken',
    otherPerson: '9',
  });
  const statuses = (['person-missing', 'face-missing', 'merge-missing', 'person-merged', 'merge-into-itself'] as const)
    .map((code) => of(new PeopleError(code, 'x')).status)
    .join(' ');
  assert.equal(statuses, '404 404 404 409 422');
});
