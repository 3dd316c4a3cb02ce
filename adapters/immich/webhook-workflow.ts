import { z } from 'zod';
import { answered, type ImmichApi } from './api.ts';

/** What Immich is told to do with new photos (sheet 5.4); its own name for a set of steps is workflow. */
interface WebhookWorkflow {
  readonly id: string;
  readonly url: string;
  readonly enabled: boolean;
}

interface WebhookTarget {
  /** The address of this Darkroom as Immich sees it. */
  readonly url: string;
  /** A header that proves to us that it is Immich who calls. */
  readonly headerName: string;
  readonly headerValue: string;
}

export interface WebhookWorkflows {
  /** Ours, the oldest first; others of the user are none of our business. Undefined: this Immich has no workflows (before 3.0). */
  find(signal: AbortSignal): Promise<readonly WebhookWorkflow[] | undefined>;
  /** Makes it, or sets the one that is there to this address; more than one of ours become one. Undefined as for `find`. */
  install(
    target: WebhookTarget,
    signal: AbortSignal,
  ): Promise<{ readonly was: 'new' | 'there'; readonly id: string } | undefined>;
  /** How many there were. */
  remove(signal: AbortSignal): Promise<number>;
}

const name = 'Darkroom: describe new photos';
const method = 'immich-plugin-core#webhook';
/** The file has been read then: nearer to the preview than the upload itself is. */
const trigger = 'AssetMetadataExtraction';

const step = z.object({ method: z.string(), config: z.record(z.string(), z.unknown()).nullish() });
const workflow = z.object({
  id: z.string(),
  name: z.string().nullish(),
  enabled: z.boolean().catch(true),
  createdAt: z.string().catch(''),
  steps: z.array(step).catch([]),
});

/** The webhook of new photos, as a workflow in the account of the key's user. Faults are those of `ImmichLibrary`. */
export function createWebhookWorkflows(api: ImmichApi): WebhookWorkflows {
  const list = async (signal: AbortSignal) => {
    const call = { method: 'GET', path: '/workflows', needs: 'workflow.read', signal } as const;
    const outcome = await api.json(call, z.array(workflow));
    if (outcome.kind === 'no-route' || outcome.kind === 'gone') return undefined;
    return answered(outcome)
      .filter((one) => one.name === name && one.steps.some((part) => part.method === method))
      .sort((a, b) => a.createdAt.localeCompare(b.createdAt));
  };
  const drop = async (id: string, signal: AbortSignal): Promise<void> => {
    const call = { method: 'DELETE', path: `/workflows/${id}`, needs: 'workflow.delete', signal } as const;
    const outcome = await api.json(call, z.unknown());
    if (outcome.kind !== 'gone') answered(outcome);
  };
  return {
    async find(signal) {
      return (await list(signal))?.map(({ id, enabled, steps }) => ({ id, enabled, url: urlIn(steps) }));
    },
    async install(target, signal) {
      const found = await list(signal);
      if (found === undefined) return undefined;
      const [first, ...more] = found;
      for (const { id } of more) await drop(id, signal);
      const id = z.object({ id: z.string() });
      const body = bodyOf(target);
      if (first !== undefined) {
        const path = `/workflows/${first.id}`;
        answered(await api.json({ method: 'PUT', path, body, needs: 'workflow.update', signal }, id));
        return { was: 'there', id: first.id };
      }
      const call = { method: 'POST', path: '/workflows', body, needs: 'workflow.create', signal, once: true } as const;
      return { was: 'new', id: answered(await api.json(call, id)).id };
    },
    async remove(signal) {
      const found = (await list(signal)) ?? [];
      for (const { id } of found) await drop(id, signal);
      return found.length;
    },
  };
}

const bodyOf = ({ url, headerName, headerValue }: WebhookTarget) => ({
  name,
  trigger,
  enabled: true,
  steps: [{ method, enabled: true, config: { url, method: 'POST', headerName, headerValue } }],
});

function urlIn(steps: readonly z.output<typeof step>[]): string {
  const url = steps.find((part) => part.method === method)?.config?.['url'];
  return typeof url === 'string' ? url : '';
}
