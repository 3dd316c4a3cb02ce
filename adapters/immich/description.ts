import { z } from 'zod';
import { answered, type ImmichApi } from './api.ts';

type Verb = 'PUT' | 'PATCH';
/** The asset as it is now; what else is in it counts when it is read. */
const changed = z.object({ id: z.string() }).optional();
const other = { PUT: 'PATCH', PATCH: 'PUT' } as const;

/**
 * Writes the description field. Version 2 changes an asset by PUT, 3 has PATCH too and means to drop PUT (sheet 5.2): what the
 * server does not know is tried with the other verb, which is remembered.
 */
export function createDescriptionWriter(api: ImmichApi) {
  let verb: Verb = 'PUT';
  const send = (method: Verb, id: string, description: string, signal: AbortSignal) =>
    api.json(
      // Once: where only the answer was lost, a person may have typed since, and a second write would be over their text.
      { method, path: `/assets/${id}`, body: { description }, needs: 'asset.update', signal, once: true },
      changed,
    );
  return async (id: string, text: string, signal: AbortSignal): Promise<'written' | 'gone'> => {
    const first = await send(verb, id, text, signal);
    if (first.kind === 'gone') return 'gone';
    if (first.kind !== 'no-route') {
      answered(first);
      return 'written';
    }
    const second = await send(other[verb], id, text, signal);
    if (second.kind === 'no-route') throw first.fault;
    verb = other[verb];
    if (second.kind === 'gone') return 'gone';
    answered(second);
    return 'written';
  };
}
