import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { TransientError } from '../../domain/errors.ts';
import type { VisionCall, VisionModel } from '../../domain/ports.ts';
import type { Recipe } from '../../domain/recipe.ts';

/** A host that is there and has the model, and a client of it. What it answers is its own business. */
export interface VisionSetup {
  readonly vision: VisionModel;
  readonly host: string;
  readonly model: string;
  readonly jpeg: Buffer;
  /** Base URL at which nobody listens. */
  readonly nobody: string;
}

export const suiteRecipe: Recipe = {
  prompt: 'Describe this photo.',
  language: 'en',
  models: ['any'],
  numCtx: 4096,
  numPredict: 128,
  longSide: 1344,
};

/** What every VisionModel must do, whatever stands behind it: protocol, not prose. */
export function visionModelSuite(name: string, start: (t: TestContext) => Promise<VisionSetup>): void {
  const callOf = (setup: VisionSetup, more: Partial<VisionCall> = {}): VisionCall => ({
    host: setup.host,
    recipe: suiteRecipe,
    model: setup.model,
    prompt: 'Describe this photo.',
    jpeg: setup.jpeg,
    conditions: { seed: 0, temperature: 0.2, numPredict: suiteRecipe.numPredict },
    signal: AbortSignal.timeout(60_000),
    ...more,
  });

  describe(`${name} as a vision model`, () => {
    test('describes a picture and says who did it', async (t) => {
      const setup = await start(t);
      const pieces: string[] = [];
      const description = await setup.vision.describe(callOf(setup, { onPiece: (piece) => pieces.push(piece) }));
      assert.notEqual(description.text, '');
      assert.equal(description.text, description.text.trim());
      assert.equal(description.host, setup.host);
      assert.equal(description.model, setup.model);
      assert.ok(pieces.join('').includes(description.text));
      const probe = await setup.vision.probe(setup.host, setup.model, AbortSignal.timeout(10_000));
      assert.deepEqual(probe, { state: 'ready', simulated: description.simulated });
    });

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
      assert.notEqual((await setup.vision.describe(callOf(setup))).text, '');
    });

    test('names the line that gets a missing model, when asked and when called', async (t) => {
      const setup = await start(t);
      const model = 'darkroom-no-such-model';
      const probe = await setup.vision.probe(setup.host, model, AbortSignal.timeout(10_000));
      assert.equal(probe.state, 'model-missing');
      assert.ok('detail' in probe && probe.detail.includes(`ollama pull ${model}`));
      await assert.rejects(setup.vision.describe(callOf(setup, { model })), (error) => {
        return error instanceof TransientError && error.code === 'ModelMissing' && error.message.includes(model);
      });
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
  });
}
