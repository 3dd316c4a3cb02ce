import type { TestContext } from 'node:test';
import { createImmichLibrary, type ImmichLibraryDeps } from '../../adapters/immich/library.ts';
import type { ImmichLibrary } from '../../domain/immich.ts';
import { type ScriptedImmich, type ScriptedImmichOptions, startScriptedImmich } from './immich/server.ts';

export interface AskedImmich {
  readonly immich: ScriptedImmich;
  readonly library: ImmichLibrary;
  /** What was logged. */
  readonly said: string[];
}

/** A scripted Immich and the library of its first user, over HTTP. */
export async function askedImmich(
  t: TestContext,
  options: ScriptedImmichOptions = {},
  deps: Partial<ImmichLibraryDeps> = {},
): Promise<AskedImmich> {
  const immich = await startScriptedImmich(options);
  t.after(() => immich.stop());
  const said: string[] = [];
  const log = (message: string) => void said.push(message);
  return { immich, said, library: openLibrary(t, { apiUrl: immich.url, key: immich.user.key, log, ...deps }) };
}

export function openLibrary(t: TestContext, deps: ImmichLibraryDeps): ImmichLibrary {
  const library = createImmichLibrary(deps);
  t.after(() => library.close());
  return library;
}
