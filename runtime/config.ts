import { z } from 'zod';
import { checkFacts, checkPrompt, plainFacts } from '../domain/prompt.ts';
import { defaultPrompts, type Recipe } from '../domain/recipe.ts';
import { visionApis } from '../domain/vision-host.ts';
import { faceSettings } from './face-settings.ts';
import { httpAddressOf } from './http-address.ts';
import { immichConflicts, immichSettings } from './immich-settings.ts';
import { httpUrl, list, number, oneOf, secret, span, text, unset, variable } from './setting-kinds.ts';

const prompt = (text: string, context: z.RefinementCtx): void => {
  for (const message of checkPrompt(text)) context.addIssue({ code: 'custom', message });
};

const facts = (names: readonly string[], context: z.RefinementCtx): void => {
  for (const message of checkFacts(names)) context.addIssue({ code: 'custom', message });
};

/** Every setting, in the order of `.env.example`, which a test holds to this list. */
export const settingsSchema = z.object({
  DARKROOM_DATA_DIR: text,
  DARKROOM_MODE: variable(oneOf('batch', 'monitor', 'combined').default('combined')),
  DARKROOM_OUTDATED: variable(oneOf('redo', 'keep').default('redo')),
  LIBRARY_FOLDERS: variable(z.string().default('').transform(list)),
  DARKROOM_IGNORE: variable(z.string().default('').transform(list)),
  WATCH_POLL: variable(oneOf('auto', 'on', 'off').default('auto')),
  ...immichSettings,
  VISION_HOSTS: variable(
    z
      .string()
      .default('http://localhost:11434')
      .transform(list)
      .pipe(z.array(httpUrl).min(1, 'names no host'))
      .transform((hosts) => [...new Set(hosts.map((host) => host.replace(/\/+$/, '')))]),
  ),
  VISION_HOSTS_FILE: text,
  VISION_API: variable(oneOf(...visionApis).default('ollama')),
  VISION_MODEL: variable(z.string().trim().min(1).default('qwen3-vl:4b-instruct-q4_K_M')),
  VISION_FALLBACK_MODEL: variable(z.string().trim().min(1).optional()),
  VISION_SLOTS: number(1, 1, 64),
  VISION_TOKEN: variable(z.string().transform(secret).optional()),
  VISION_PRELOAD: variable(oneOf('off', 'on').default('off')),
  VISION_TIMEOUT_SEC: number(1800, 1, 86_400),
  VISION_FIRST_BYTE_SEC: number(600, 1, 86_400),
  VISION_IDLE_SEC: number(60, 1, 3600),
  VISION_PROMPT: variable(z.string().trim().min(1).max(16_384).superRefine(prompt).optional()),
  VISION_PROMPT_FILE: text,
  VISION_OUTPUT: variable(oneOf('text', 'json').default('text')),
  VISION_LANGUAGE: variable(z.string().trim().min(2).max(40).default('en')),
  VISION_LONG_SIDE: number(1344, 224, 4096),
  VISION_NUM_CTX: number(4096, 2048, 131_072),
  VISION_NUM_PREDICT: number(384, 16, 8192),
  PROMPT_FACTS: variable(z.string().default(plainFacts.join(',')).transform(list).superRefine(facts)),
  ...faceSettings,
  DATABASE_URL: variable(
    z
      .url({ protocol: /^postgres(ql)?$/, error: 'is not a postgres:// address' })
      .transform(secret)
      .optional(),
  ),
  TEMPORAL_ADDRESS: text,
  TEMPORAL_NAMESPACE: variable(z.string().default('default')),
  DARKROOM_TEMPORAL_PORT: number(7233, 0, 65_400),
  DARKROOM_TEMPORAL_UI_PORT: number(8233, 0, 65_535),
  DARKROOM_RETENTION: span('24h', '1h', '30d'),
  DARKROOM_HTTP_ADDRESS: variable(
    z
      .string()
      .default('127.0.0.1:2285')
      .refine((text) => httpAddressOf(text) !== undefined, {
        error: 'is not an address with a port, such as 127.0.0.1:2285 or [::1]:2285, and not off',
      }),
  ),
  DARKROOM_API_TOKEN: variable(
    z
      .string()
      .regex(/^[\x21-\x7e]{16,}$/, 'is not 16 or more letters, digits and signs without spaces')
      .transform(secret)
      .optional(),
  ),
  DARKROOM_NOTIFY_URL: variable(httpUrl.transform(secret).optional()),
  DARKROOM_NOTIFY_FORMAT: variable(oneOf('text', 'json').default('text')),
  DARKROOM_RECONCILE_MIN: number(60, 0, 10_080),
  DARKROOM_MIN_FREE_MB: number(1024, 0, 1_048_576),
  DARKROOM_CACHE_MB: number(1024, 16, 1_048_576),
  DARKROOM_MAX_MEGAPIXELS: number(268, 1, 4000),
  DARKROOM_LOG_LEVEL: variable(oneOf('debug', 'info', 'warn', 'error').default('info')),
});

export type Settings = z.infer<typeof settingsSchema>;

export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** Reads and checks every setting once; a wrong one is reported together with all other wrong ones. */
export function loadSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const { data, error } = settingsSchema.safeParse(env);
  const wrong = (error?.issues ?? []).map(({ path: [name, at], message }) =>
    typeof at === 'number'
      ? `  ${String(name)}: number ${at + 1} in the list ${message}`
      : `  ${String(name)}: ${message}`,
  );
  const lines = [...wrong, ...conflicts(env), ...(data === undefined ? [] : immichConflicts(data))];
  if (data !== undefined && lines.length === 0) return data;
  throw new SettingsError(`These settings are wrong (.env.example describes each):\n${lines.join('\n')}`);
}

function conflicts(env: Readonly<Record<string, string | undefined>>): string[] {
  const both = ['VISION_PROMPT', 'VISION_PROMPT_FILE'].every((name) => unset(env[name]) !== undefined);
  return both ? ['  VISION_PROMPT_FILE: VISION_PROMPT is set too, and there is one prompt; unset one of them'] : [];
}

/** The description that these settings ask for, in a language. VISION_PROMPT_FILE is read before (runtime/prompt-file.ts). */
export function recipeOf(settings: Settings, language = settings.VISION_LANGUAGE): Recipe {
  return {
    prompt: settings.VISION_PROMPT ?? defaultPrompts[language] ?? defaultPrompts['en'] ?? '',
    language,
    models: modelsOf(settings),
    numCtx: settings.VISION_NUM_CTX,
    numPredict: settings.VISION_NUM_PREDICT,
    longSide: settings.VISION_LONG_SIDE,
    ...(settings.VISION_OUTPUT === 'json' && { output: 'json' }),
    // Left out where it is the usual list, whatever its order: the hash of a recipe is that of former versions.
    ...(settings.PROMPT_FACTS.toSorted().join() !== plainFacts.toSorted().join() && { facts: settings.PROMPT_FACTS }),
  };
}

/** Canonical names of the models that will do: of the primary role, then of the fallback. */
const modelsOf = ({ VISION_MODEL, VISION_FALLBACK_MODEL }: Settings): string[] => [
  ...new Set([VISION_MODEL, VISION_FALLBACK_MODEL ?? VISION_MODEL]),
];
