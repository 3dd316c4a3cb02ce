import { createHash } from 'node:crypto';
import { docsStyle } from './docs-style.ts';
import { escaped, fieldList, prose } from './docs-words.ts';
import { jsonSchema } from './json-shapes.ts';
import { openPath, problemsOf } from './openapi.ts';
import { problemCodes } from './problem-codes.ts';
import { type Example, type Route, tags } from './route.ts';
import { hookHeader } from './secrets.ts';

export interface Page {
  readonly html: string;
  /** The content security policy that it is served with: nothing but its own style. */
  readonly policy: string;
}

const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(docsStyle).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

interface Place {
  readonly version: string;
  /** For the examples. */
  readonly origin: string;
}

/** The routes as one page that needs nothing else: no script, nothing from elsewhere. */
export function docsPage(routes: readonly Route[], { version, origin }: Place): Page {
  const sections = tags.map((tag) => ({ tag, routes: routes.filter((route) => route.tag === tag) }));
  const used = sections.filter((section) => section.routes.length > 0);
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Darkroom: HTTP API</title>
<style>${docsStyle}</style>
</head>
<body>
<h1>Darkroom: HTTP API</h1>
<p>Version ${escaped(version)}. For programs: <a href="openapi.json">openapi.json</a>.
Unless it says otherwise, a request needs the token: <code>DARKROOM_API_TOKEN</code>, or the content of the file
<code>api-token</code> in the data folder. Errors are <code>application/problem+json</code> with a
<code>detail</code> for people and a <code>code</code> for programs.</p>
<nav>${used.map((section) => contents(section.tag, section.routes)).join('')}</nav>
${used.map(({ tag, routes: these }) => `<h2>${tag}</h2>\n${these.map((route) => article(route, origin)).join('\n')}`).join('\n')}
</body>
</html>
`;
  return { html, policy };
}

const anchorOf = ({ method, path }: Route): string =>
  `${method.toLowerCase()}${path.replaceAll(/[^a-zA-Z0-9]+/g, '-')}`;

const nameOf = (route: Route): string =>
  `<code><span class="method">${route.method}</span> ${escaped(openPath(route.path))}</code>`;

const contents = (tag: string, routes: readonly Route[]): string =>
  `<strong>${tag}</strong><ul>${routes.map((route) => `<li><a href="#${anchorOf(route)}">${nameOf(route)}</a> <span class="small">${prose(route.summary)}</span></li>`).join('')}</ul>`;

function article(route: Route, origin: string): string {
  const { summary, description, examples, params, query, body } = route;
  const parts = [
    `<article id="${anchorOf(route)}"><h3>${nameOf(route)}</h3>`,
    `<p>${prose(summary)}${description === undefined ? '' : `. ${prose(description)}`} <span class="small">${who(route)}</span></p>`,
    ...fieldList('In the path', params),
    ...fieldList('In the query', query),
    ...fieldList('In the body, as JSON', body),
    ...examples.map((example) => exampleWords(route, example, origin)),
    ...(body === undefined ? [] : [shape('Body', jsonSchema(body, 'input'))]),
    ...answerShape(route),
    ...problemWords(route),
    '</article>',
  ];
  return parts.join('\n');
}

const who = ({ access }: Route): string =>
  access === 'open'
    ? '(no token needed)'
    : access === 'token'
      ? ''
      : `(secret in the header <code>${hookHeader}</code>)`;

function exampleWords(route: Route, example: Example, origin: string): string {
  const { title, answer } = example;
  const kind = 'events' in route.returns ? 'One event' : 'Answer';
  return [
    ...(title === undefined ? [] : [`<p>${prose(title)}:</p>`]),
    `<pre>${escaped(curlLine(route, example, origin))}</pre>`,
    ...(answer === undefined
      ? []
      : [`<p class="small">${kind}</p><pre>${escaped(JSON.stringify(answer, undefined, 2))}</pre>`]),
  ].join('\n');
}

/** The request of an example as one would type it. */
export function curlLine(
  { method, path, access, returns }: Route,
  { params = {}, query = {}, body }: Example,
  origin: string,
): string {
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = new URLSearchParams(query).toString();
  const credentials =
    access === 'open'
      ? []
      : access === 'token'
        ? ['-H "Authorization: Bearer $DARKROOM_API_TOKEN"']
        : [`-H "${hookHeader}: $SECRET"`];
  const parts = [
    'curl',
    ...('events' in returns ? ['-N'] : []),
    ...('bytes' in returns && returns.bytes.startsWith('image/') ? ['-o photo.jpg'] : []),
    ...(method === 'GET' ? [] : [`-X ${method}`]),
    ...credentials,
    ...(body === undefined ? [] : [`-H 'Content-Type: application/json' -d ${quoted(JSON.stringify(body))}`]),
    quoted(`${origin}${filled}${search === '' ? '' : `?${search}`}`),
  ];
  return parts.join(' ');
}

/** For a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

const shape = (title: string, schema: object): string =>
  `<details><summary class="small">${title}: shape</summary><pre>${escaped(JSON.stringify(schema, undefined, 2))}</pre></details>`;

function answerShape({ returns }: Route): string[] {
  if ('json' in returns) return [shape('Answer', jsonSchema(returns.json, 'output'))];
  if ('events' in returns) return [shape('Data of an event', jsonSchema(returns.events, 'output'))];
  return 'bytes' in returns ? [`<p class="small">Answers with <code>${escaped(returns.bytes)}</code>.</p>`] : [];
}

function problemWords(route: Route): string[] {
  const codes = problemsOf(route);
  if (codes.length === 0) return [];
  const items = codes.map((code) => {
    const { status, meaning } = problemCodes[code];
    return `<dt><code>${status} ${code}</code></dt><dd>${prose(meaning)}</dd>`;
  });
  return [`<details><summary class="small">Problems</summary><dl>${items.join('')}</dl></details>`];
}
