import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { Description } from '../../domain/description.ts';
import { PermanentError, TransientError } from '../../domain/errors.ts';
import type { VisionCall, VisionModel } from '../../domain/host-ports.ts';
import type { Recipe } from '../../domain/recipe.ts';

/** A host that is there and has the model, and a client of it. What it answers is its own business. */
export interface VisionSetup {
  readonly vision: VisionModel;
  readonly host: string;
  readonly model: string;
  readonly jpeg: Buffer;
  /** Base URL at which nobody listens. */
  readonly nobody: string;
  /** What the advice about a missing model must name. */
  readonly getModel: (model: string) => string;
  /** The host answers to every name with the one model that it has. */
  readonly takesAnyName?: boolean;
  /** The model may be a toy of random weights: that it answers nothing, or repeats itself, is an answer too. */
  readonly mayBabble?: boolean;
}

export const suiteRecipe: Recipe = {
  prompt: 'Describe this photo.',
  language: 'en',
  models: ['any'],
  numCtx: 4096,
  numPredict: 128,
  longSide: 1344,
};

/** A real host without a graphics card takes minutes. */
const patience = 1_800_000;

type Start = (t: TestContext) => Promise<VisionSetup>;

const callOf = (setup: VisionSetup, more: Partial<VisionCall> = {}): VisionCall => ({
  host: setup.host,
  recipe: suiteRecipe,
  model: setup.model,
  prompt: 'Describe this photo.',
  jpeg: setup.jpeg,
  conditions: { seed: 0, temperature: 0.2, numPredict: suiteRecipe.numPredict },
  signal: AbortSignal.timeout(patience),
  ...more,
});

const babble: ReadonlySet<string> = new Set(['EmptyAnswer', 'AnswerLooped']);

/** Undefined where the model babbled, and may; every other fault fails the test. */
async function answerOf(setup: VisionSetup, more: Partial<VisionCall> = {}): Promise<Description | undefined> {
  try {
    return await setup.vision.describe(callOf(setup, more));
  } catch (error) {
    if (!(setup.mayBabble === true && error instanceof PermanentError && babble.has(error.code))) throw error;
    assert.equal(error.host, setup.host);
    return undefined;
  }
}

/** What every VisionModel must do, whatever stands behind it: protocol, not prose. */
export function visionModelSuite(name: string, start: Start): void {
  describe(`${name} as a vision model`, () => {
    describesPictures(start);
    canBeCanceled(start);
    knowsHosts(start);
  });
}

function describesPictures(start: Start): void {
  test('describes a picture and says who did it', async (t) => {
    const setup = await start(t);
    const pieces: string[] = [];
    const description = await answerOf(setup, { canonical: 'any', onPiece: (piece) => pieces.push(piece) });
    if (description === undefined) return;
    assert.notEqual(description.text, '');
    assert.equal(description.text, description.text.trim());
    assert.equal(description.host, setup.host);
    assert.equal(description.model, 'any');
    // Cleaning may take something out of the middle of what random weights say.
    if (setup.mayBabble !== true) assert.ok(pieces.join('').includes(description.text));
    assert.ok(description.promptTokens === undefined || description.promptTokens > 0);
    const probe = await setup.vision.probe(setup.host, setup.model, AbortSignal.timeout(10_000));
    assert.ok(probe.state === 'ready');
    assert.equal(probe.simulated, description.simulated);
  });

  test('answers in fields where the recipe asks for them', async (t) => {
    const setup = await start(t);
    const recipe: Recipe = { ...suiteRecipe, output: 'json' };
    const description = await answerOf(setup, { recipe });
    if (description === undefined) return;
    assert.notEqual(description.text, '');
    assert.ok(!description.text.startsWith('{'));
    assert.ok(Array.isArray(description.tags));
    assert.equal(typeof description.textInImage, 'string');
  });
}

function canBeCanceled(start: Start): void {
  test('ends a canceled call with the reason of its signal, and begins none that is canceled already', async (t) => {
    const setup = await start(t);
    const reason = new Error('no longer wanted');
    const controller = new AbortController();
    const call = setup.vision.describe(callOf(setup, { signal: controller.signal }));
    controller.abort(reason);
    await assert.rejects(call, reason);
    await assert.rejects(setup.vision.describe(callOf(setup, { signal: AbortSignal.abort(reason) })), reason);
  });

  test('is of use again after a canceled call', async (t) => {
    const setup = await start(t);
    const controller = new AbortController();
    const call = setup.vision.describe(callOf(setup, { signal: controller.signal }));
    setTimeout(() => controller.abort(new Error('enough')), 5);
    await call.catch(() => {});
    const description = await answerOf(setup);
    assert.notEqual(description?.text, '');
  });
}

function knowsHosts(start: Start): void {
  test('names what gets a missing model, when asked and when called', async (t) => {
    const setup = await start(t);
    const model = 'darkroom-no-such-model';
    const probe = await setup.vision.probe(setup.host, model, AbortSignal.timeout(10_000));
    if (setup.takesAnyName === true) return assert.equal(probe.state, 'ready');
    assert.equal(probe.state, 'model-missing');
    assert.ok('detail' in probe && probe.detail.includes(setup.getModel(model)));
    await assert.rejects(setup.vision.describe(callOf(setup, { model })), (error) => {
      return error instanceof TransientError && error.code === 'ModelMissing' && error.message.includes(model);
    });
  });

  test('has the model loaded when it is told to, and however often it is told', async (t) => {
    const { vision, host, model } = await start(t);
    const load = async () => await vision.load(host, model, suiteRecipe.numCtx, AbortSignal.timeout(patience));
    await load();
    await load();
    const probe = await vision.probe(host, model, AbortSignal.timeout(10_000));
    assert.ok(probe.state === 'ready');
    assert.notEqual(probe.loaded, false);
  });

  test('knows a host that is off, when asked and when called', async (t) => {
    const setup = await start(t);
    const probe = await setup.vision.probe(setup.nobody, setup.model, AbortSignal.timeout(10_000));
    assert.deepEqual(probe, { state: 'away', detail: 'connection refused' });
    await assert.rejects(setup.vision.describe(callOf(setup, { host: setup.nobody })), { code: 'HostUnreachable' });
  });

  test('finds out nothing, and throws nothing, when asking is canceled', async (t) => {
    const setup = await start(t);
    const probe = await setup.vision.probe(setup.host, setup.model, AbortSignal.abort());
    assert.equal(probe.state, 'away');
  });
}
