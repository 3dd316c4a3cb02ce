import type { TestContext } from 'node:test';
import { type ScriptedImmich, type ScriptedImmichOptions, startScriptedImmich } from './server.ts';

/** A scripted Immich that ends with the test. */
export async function running(
  t: Pick<TestContext, 'after'>,
  options: ScriptedImmichOptions = {},
): Promise<ScriptedImmich> {
  const immich = await startScriptedImmich(options);
  t.after(() => immich.stop());
  return immich;
}
