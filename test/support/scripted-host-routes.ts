import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { playAnswer, scriptedAnswerSchema } from './scripted-answer.ts';
import type { HostState } from './scripted-host-state.ts';
import { type ChatCall, parseChat, readBody } from './scripted-request.ts';

const chatPaths = { ollama: '/api/chat', openai: '/v1/chat/completions' };

/** Answers one request of any kind. */
export async function serve(state: HostState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const reply = (status: number, value: unknown) => {
    const simulated = state.simulated ? { 'x-darkroom-simulated': '1' } : {};
    const body = typeof value === 'string' ? value : JSON.stringify(value);
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...simulated }).end(body);
  };
  try {
    const route = `${request.method} ${request.url}`;
    const own = state.routes[route] ?? routesOf(state)[route];
    if (route === `POST ${chatPaths[state.api]}`) await chat(state, request, response);
    else if (own !== undefined) {
      state.questions.push(route);
      reply(own.status ?? 200, own.body);
    } else if (route === 'GET /_log') reply(200, logOf(state));
    else if (route === 'POST /_script') reply(200, rescript(state, await readBody(request)));
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found');
  } catch (error) {
    // A client that hangs up is part of the play; everything else is a fault of the test and must be seen in it.
    if (!response.destroyed && !response.headersSent) reply(400, { error: String(error) });
  }
}

function routesOf({ api, models, capabilities, simulated, loaded }: HostState): HostState['routes'] {
  if (api === 'openai') {
    const data = models.map((id) => ({ id, object: 'model', created: 1_795_000_000, owned_by: 'scripted' }));
    return { 'GET /v1/models': { body: { object: 'list', data } } };
  }
  const listed = models.map((name) => ({ name, model: name }));
  return {
    'GET /': { body: 'Ollama is running' },
    'GET /api/version': { body: { version: '0.17.4', ...(simulated ? { simulated } : {}) } },
    'GET /api/tags': { body: { models: listed } },
    'GET /api/ps': { body: { models: loaded ? listed : [] } },
    'POST /api/show': { body: capabilities === null ? {} : { capabilities } },
  };
}

async function chat(state: HostState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const call = parseChat(state.api, await readBody(request), request.headers.authorization);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  if (call.isLoad) return await loadModel(state, call, response, gone.signal);
  state.calls.push(call);
  const ofPicture = state.pictures.get(call.picture) ?? { calls: 0, finished: 0 };
  state.pictures.set(call.picture, ofPicture);
  const done = await state.turns.take(gone.signal);
  const { total, api, model, simulated } = state;
  total.calls += 1;
  ofPicture.calls += 1;
  total.mostAtOnce = Math.max(total.mostAtOnce, ++total.atOnce);
  let whole = false;
  try {
    state.loaded = true;
    const answer = has(state, call) ? state.answer(call, total.calls) : missing(state, call);
    const playing = { api, answer, model, text: usualText(call), simulated, response, signal: gone.signal };
    whole = await playAnswer(playing);
    if (whole) {
      total.finished += 1;
      ofPicture.finished += 1;
    }
  } finally {
    total.atOnce -= 1;
    state.ended(call, whole);
    done();
  }
}

const has = ({ models }: HostState, { model }: ChatCall): boolean => models.some((name) => name === model);

const missing = ({ api }: HostState, { model }: ChatCall) => {
  const error = { message: `The model \`${model}\` does not exist.`, type: 'NotFoundError', param: 'model', code: 404 };
  return { status: 404, body: JSON.stringify({ error: api === 'openai' ? error : `model '${model}' not found` }) };
};

/** Made from the picture, so that a test can see whose answer it got. */
function usualText({ picture, format }: ChatCall): string {
  const description = `A scripted picture, ${picture.slice(0, 12)}.`;
  if (format === undefined) return description;
  return JSON.stringify({ description, tags: ['Scripted'], text_in_image: '', safety: 'safe' });
}

async function loadModel(
  state: HostState,
  call: ChatCall,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  state.loads.push(call);
  const { api, simulated, model } = state;
  const body = JSON.stringify({ model, message: { role: 'assistant', content: '' }, done: true, done_reason: 'load' });
  const answer = has(state, call) ? { body, ...state.load } : missing(state, call);
  await playAnswer({ api, answer, model, text: '', simulated, response, signal });
  state.loaded = answer.status === undefined;
}

const logOf = ({ total, pictures, loads }: HostState) => ({
  ...total,
  loads: loads.length,
  pictures: Object.fromEntries(pictures),
});

const scriptSchema = z.strictObject({
  /** Used up one by one, then `always`. */
  next: z.array(scriptedAnswerSchema).default([]),
  always: scriptedAnswerSchema.default({}),
  models: z.array(z.string()).optional(),
});

function rescript(state: HostState, body: Buffer): object {
  const { next, always, models } = scriptSchema.parse(JSON.parse(body.toString('utf8')));
  state.answer = () => next.shift() ?? always;
  state.models = models ?? state.models;
  return {};
}
