import { z } from 'zod';
import { roles, visionApis } from '../domain/vision-host.ts';

/**
 * The hosts file, one key after the other; what concerns several keys is in hosts-file.ts. Messages follow on the key's
 * name. docs/hosts.schema.json is made from this: `node runtime/hosts-file-schema.ts | prettier --parser json`.
 */

const whole = (min: number, max: number) => {
  const error = `is not a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};
const amount = z.number({ error: 'is not a number' }).min(0, { error: 'is less than nothing' });
const words = (what: string) => z.string({ error: `is not text: ${what}` }).regex(/\S/, { error: `is empty: ${what}` });
const choice = <const T extends readonly string[]>(of: T) => z.enum(of, { error: `is not one of ${of.join(', ')}` });

/** What ends a line ends a header; every other sign that is no visible one is refused by servers. */
const headerText = z
  .string({ error: 'is not text' })
  .regex(/^[\t\x20-\x7e]*$/, { error: 'holds a line break or a sign that headers cannot carry' });
const headerSource = z.union(
  [headerText, z.strictObject({ env: words('the name of a variable') }), z.strictObject({ file: words('a path') })],
  { error: 'is not text without line breaks, {"env": "NAME"} or {"file": "path"}' },
);
const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/)
  .regex(/^(?!(?:content-length|content-type|transfer-encoding|connection)$)/i);

const duration = /^-?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$|^-1$|^\d+$/;
const noTime = {
  error:
    'is not a time such as "10m" or "1h30m", a number of seconds, or -1 for ever (0 would load the model anew for every photo)',
};
const keepAlive = z.union(
  [z.string().regex(duration, noTime).regex(/[1-9]/, noTime), z.int(noTime).min(-1, noTime).refine(Boolean, noTime)],
  noTime,
);

const about = {
  url: 'Base URL, such as http://gpu-box:11434. Its host, port and path name the host everywhere.',
  api: 'What the host speaks: ollama, or openai for llama.cpp, vLLM, LM Studio, OpenRouter and the like. Default: VISION_API.',
  model:
    "The host's own tag for the model of its role, or of both roles. Default: VISION_MODEL or VISION_FALLBACK_MODEL.",
  role: 'fallback: used only while no primary host can work. Default: primary.',
  slots: 'Calls at once. Default: VISION_SLOTS.',
  token: 'Bearer token. Better in a variable (tokenEnv) or a file (tokenFile).',
  tokenEnv: 'Name of the environment variable with the bearer token.',
  tokenFile: 'File with the bearer token, relative to the hosts file; read again on every reload.',
  headers: 'More headers of every request: text, {"env": "NAME"} or {"file": "path"}.',
  timeoutSec: 'All of one call. Default: VISION_TIMEOUT_SEC.',
  firstByteSec: 'Until the first byte of an answer: queueing, reading the picture. Default: VISION_FIRST_BYTE_SEC.',
  idleSec: 'Silence between two pieces of an answer. Default: VISION_IDLE_SEC.',
  connectTimeoutSec: 'Until the connection stands. Default: 5.',
  loadSec: 'For loading the model. Default: 1800.',
  keepAlive: 'Ollama only: how long the model stays loaded after a call. Default: "10m".',
  options: 'More options of the model for every call; not num_ctx, which is the same on all hosts (VISION_NUM_CTX).',
  requestsPerMinute: 'No more calls than this in a minute.',
  tokensPerDay: 'No more tokens than this in a day (UTC), question and answer together.',
  price: 'What a million tokens cost, for `darkroom status`.',
} as const;

const url = z.url({
  protocol: /^https?$/,
  error: ({ input }) =>
    input === undefined
      ? 'is missing: give the address of the host, such as http://gpu-box:11434'
      : 'is not an http:// or https:// address, such as http://gpu-box:11434',
});
const tag = words('give the name under which the host has the model');
const models = z.strictObject({ primary: tag.optional(), fallback: tag.optional() });

export const hostEntrySchema = z.strictObject(
  {
    url: url.describe(about.url),
    api: choice(visionApis).optional().describe(about.api),
    model: z
      .union([tag, models], { error: 'is neither a tag nor {"primary": tag, "fallback": tag}' })
      .optional()
      .describe(about.model),
    role: choice(roles).optional().describe(about.role),
    slots: whole(1, 64).optional().describe(about.slots),
    token: words('give the token').optional().describe(about.token),
    tokenEnv: words('give the name of a variable').optional().describe(about.tokenEnv),
    tokenFile: words('give the path of a file').optional().describe(about.tokenFile),
    headers: z
      .record(headerName, headerSource, { error: 'is not an object of names and values' })
      .optional()
      .describe(about.headers),
    timeoutSec: whole(1, 86_400).optional().describe(about.timeoutSec),
    firstByteSec: whole(1, 86_400).optional().describe(about.firstByteSec),
    idleSec: whole(1, 3_600).optional().describe(about.idleSec),
    connectTimeoutSec: whole(1, 300).optional().describe(about.connectTimeoutSec),
    loadSec: whole(1, 86_400).optional().describe(about.loadSec),
    keepAlive: keepAlive.optional().describe(about.keepAlive),
    options: z
      .record(z.string(), z.json(), { error: 'is not an object of names and values' })
      .optional()
      .describe(about.options),
    requestsPerMinute: whole(1, 100_000).optional().describe(about.requestsPerMinute),
    tokensPerDay: whole(1, 1e12).optional().describe(about.tokensPerDay),
    price: z
      .strictObject(
        {
          promptPerMillion: amount,
          answerPerMillion: amount,
          currency: words('such as EUR').max(8, { error: 'is longer than 8 signs: say EUR, USD …' }).optional(),
        },
        { error: 'is not an object with promptPerMillion, answerPerMillion and currency' },
      )
      .optional()
      .describe(about.price),
  },
  { error: 'is not an object such as {"url": "http://gpu-box:11434"}' },
);

/** What is right in a host of which something may be wrong or missing. */
export const rightPartSchema = hostEntrySchema.partial();
export type HostEntry = z.infer<typeof rightPartSchema>;

const fileSchema = z.strictObject({
  $schema: z.string().optional().describe('Where this schema is, for editors.'),
  hosts: z.array(hostEntrySchema).min(1),
});

/** Names of the keys by the place where they stand, for saying which one was meant. */
export const knownKeys: Readonly<Record<string, readonly string[]>> = {
  file: Object.keys(fileSchema.shape),
  host: Object.keys(hostEntrySchema.shape),
  price: ['promptPerMillion', 'answerPerMillion', 'currency'],
  model: Object.keys(models.shape),
  headers: ['env', 'file'],
};

/** The schema that is published for editors. */
export const hostsFileJsonSchema = () => ({
  ...z.toJSONSchema(fileSchema, { io: 'input', target: 'draft-07' }),
  title: 'Vision hosts of Darkroom',
  description: 'Comments and trailing commas are allowed. docs/hosts.md tells more.',
  allowComments: true,
  allowTrailingCommas: true,
});

if (import.meta.main) process.stdout.write(JSON.stringify(hostsFileJsonSchema()));
