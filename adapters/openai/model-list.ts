import { z } from 'zod';

const words = z.array(z.string()).optional().catch(undefined);

const entry = z.object({
  id: z.string(),
  owned_by: z.string().optional().catch(undefined),
  /** OpenRouter. */
  architecture: z.object({ input_modalities: words }).optional().catch(undefined),
  /** llama.cpp with several models. */
  status: z.object({ value: z.string() }).optional().catch(undefined),
});

/** llama.cpp lists its models a second time, as Ollama does. */
const described = z.object({ name: z.string().optional(), model: z.string().optional(), capabilities: words });

const answer = z.union([
  z.object({ data: z.array(entry), models: z.array(described).optional().catch(undefined) }),
  // Together and a few others leave the wrapping away.
  z.array(entry).transform((data) => ({ data, models: undefined })),
]);

/** What llama.cpp tells about itself. */
export const propsAnswer = z.object({
  modalities: z
    .object({ vision: z.boolean().optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

export interface ListedModel {
  readonly id: string;
  readonly owner: string | undefined;
  /** Kinds of input, where told. */
  readonly takes: readonly string[] | undefined;
  readonly capabilities: readonly string[] | undefined;
  readonly loaded: boolean | undefined;
}

/** The models of a `/v1/models` answer in any of its shapes; undefined where it is none. */
export function modelList(value: unknown): readonly ListedModel[] | undefined {
  const { data: list } = answer.safeParse(value);
  return list?.data.map(({ id, owned_by, architecture, status }) => ({
    id,
    owner: owned_by,
    takes: architecture?.input_modalities,
    capabilities: list.models?.find(({ name, model }) => name === id || model === id)?.capabilities,
    loaded: status === undefined ? undefined : status.value === 'loaded',
  }));
}

/** Ways to route that may be appended to any name at OpenRouter, and that its list does not have. */
const routes = /:(nitro|floor|online|exacto)$/;

/** A llama.cpp with one model, whose id may be the path of a file, answers with it to every name. */
export function findModel(listed: readonly ListedModel[], model: string): ListedModel | undefined {
  const names = new Set([model, `${model}:latest`, model.replace(routes, '')]);
  const [only] = listed;
  const anyName = listed.length === 1 && only?.owner === 'llamacpp' && only.loaded === undefined;
  return listed.find(({ id }) => names.has(id)) ?? (anyName ? only : undefined);
}
