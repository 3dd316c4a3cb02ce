import type { TestContext } from 'node:test';
import { createVisionHosts, type VisionHosts } from '../../adapters/vision-hosts.ts';
import type { CallConditions } from '../../domain/conditions.ts';
import type { Description } from '../../domain/description.ts';
import type { VisionCall } from '../../domain/host-ports.ts';
import { type CallLimits, defaultLimits, plainHost, type VisionHost } from '../../domain/vision-host.ts';
import { suiteRecipe } from '../suites/vision-model.suite.ts';
import type { ScriptedAnswer } from './scripted-answer.ts';
import { type ScriptedHost, type ScriptedHostOptions, startScriptedHost } from './scripted-host.ts';

/** Begins like a JPEG and is none: scripted hosts look at no picture. */
export const fewBytes = Buffer.from([0xff, 0xd8, 1, 2, 3, 0xff, 0xd9]);

export const conditions: CallConditions = { seed: 3, temperature: 0.2, numPredict: 128 };

export interface Called {
  readonly host: ScriptedHost;
  readonly vision: VisionHosts;
  readonly call: (more?: Partial<VisionCall>) => Promise<Description>;
  /** Has the client know another address, with the same settings. */
  readonly know: (label: string) => string;
}

export interface CalledOptions {
  readonly limits?: Partial<CallLimits>;
  /** How the client knows the host. */
  readonly known?: Partial<VisionHost>;
  readonly host?: ScriptedHostOptions;
}

/** A scripted host, a client that knows it, and a call of it; all end with the test. */
export async function scripted(
  t: TestContext,
  answer: ScriptedAnswer = {},
  { limits = {}, known = {}, host: options = {} }: CalledOptions = {},
): Promise<Called> {
  const host = await startScriptedHost({ answer: () => answer, ...options });
  const more = { api: options.api ?? 'ollama', limits: { ...defaultLimits, ...limits }, ...known };
  const vision = createVisionHosts([plainHost(host.url, host.model, more)]);
  t.after(async () => {
    await vision.close();
    await host.off();
  });
  return {
    host,
    vision,
    know(label) {
      vision.update([plainHost(label, host.model, more)]);
      return label;
    },
    call: async (changed = {}) =>
      await vision.describe({
        host: host.url,
        recipe: suiteRecipe,
        model: host.model,
        prompt: 'Что на фото?',
        jpeg: fewBytes,
        conditions,
        signal: AbortSignal.timeout(20_000),
        ...changed,
      }),
  };
}
