import type { ImmichRecord } from '../../domain/immich-store.ts';
import { isLoopback } from '../http/loopback.ts';
import { hookHeader, hookPath, hookSecret } from '../http/secrets.ts';
import type { Opened } from '../open.ts';
import { type Output, wrapped } from '../output.ts';
import { UsageError } from '../usage-error.ts';

export const webhookActions = ['install', 'status', 'remove'] as const;
export type WebhookAction = (typeof webhookActions)[number];

/** What Immich is told to do with new photos, in the account of one user. Undefined: it has no workflows (before 3.0). */
interface Webhooks {
  find(signal: AbortSignal): Promise<readonly { readonly url: string; readonly enabled: boolean }[] | undefined>;
  install(
    target: { url: string; headerName: string; headerValue: string },
    signal: AbortSignal,
  ): Promise<{ readonly was: 'new' | 'there' } | undefined>;
  /** How many there were. */
  remove(signal: AbortSignal): Promise<number>;
  close(): Promise<void>;
}

export interface WebhookDeps {
  readonly run: Pick<Opened['run'], 'http' | 'token'>;
  readonly settings: Pick<Opened['settings'], 'IMMICH_WEBHOOK_URL' | 'IMMICH_POLL_SEC'>;
  readonly immich: { readonly store: Pick<Opened['immich']['store'], 'libraries'> };
  /** Undefined where this shell has no key of it, or where it is reached by its database. */
  readonly webhooksOf: (record: ImmichRecord) => Promise<Webhooks | undefined>;
}

interface Asked {
  readonly action: WebhookAction;
  /** Undefined: every Immich library. */
  readonly name: string | undefined;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

interface Done {
  readonly library: string;
  readonly state: 'installed' | 'off' | 'elsewhere' | 'none' | 'too old';
  /** Where Immich tells of new photos. */
  readonly url?: string;
  readonly words: string;
}

/**
 * Has Immich tell of new photos, takes that back, or says how it is. Installing twice is the same as once. Throws UsageError
 * where a setting is missing or Immich is too old, and the faults of Immich, which name the permission that a key lacks.
 */
export async function immichWebhook(deps: WebhookDeps, out: Output, asked: Asked): Promise<void> {
  const { action, json, signal } = asked;
  const records = await chosen(deps, asked.name);
  const done: Done[] = [];
  for (const record of records) {
    const webhooks = await deps.webhooksOf(record);
    if (webhooks === undefined) throw new UsageError(noWay(record));
    try {
      done.push(await acts[action](deps, record, webhooks, signal));
    } finally {
      await webhooks.close();
    }
  }
  const notes = action === 'install' ? reachNotes(deps) : [];
  if (json) return out.json({ libraries: done.map(({ library, state, url }) => ({ library, state, url })), notes });
  for (const text of [...done.map(({ library, words }) => `${library}: ${words}`), ...notes])
    for (const line of wrapped(text, out.columns)) out.line(line);
}

async function chosen({ immich }: WebhookDeps, name: string | undefined): Promise<readonly ImmichRecord[]> {
  const records = await immich.store.libraries();
  const named = name === undefined ? records : records.filter((one) => one.name === name);
  if (named.length > 0) return named;
  const names = records.map((one) => one.name).join(', ');
  throw new UsageError(
    names === ''
      ? 'There is no Immich library yet. IMMICH_API_URL and IMMICH_API_KEY make one (docs/immich.md).'
      : `There is no Immich library called ${name}. There are: ${names}`,
  );
}

const noWay = ({ name, root }: ImmichRecord): string =>
  root.startsWith('postgres:')
    ? `${name} is reached by the database of Immich, and webhooks are made with a key: new photos are found by polling.`
    : `This shell has no key of ${name}: set IMMICH_API_URL and IMMICH_API_KEY here as where "darkroom up" runs.`;

type Act = (deps: WebhookDeps, record: ImmichRecord, webhooks: Webhooks, signal: AbortSignal) => Promise<Done>;

const acts: Readonly<Record<WebhookAction, Act>> = {
  async install(deps, { name }, webhooks, signal) {
    const { token } = deps.run;
    const url = targetOf(deps, name);
    if (url === undefined) throw new UsageError(noAddress(deps));
    if (token === undefined)
      throw new UsageError('Darkroom serves no HTTP: set DARKROOM_HTTP_ADDRESS, and start it again.');
    const headers = { headerName: hookHeader, headerValue: hookSecret(token, name) };
    const made = await webhooks.install({ url, ...headers }, signal);
    if (made === undefined) throw new UsageError(`${name}: ${tooOld(deps)}`);
    const words = made.was === 'new' ? 'from now on Immich tells of new photos at' : 'Immich tells of new photos at';
    return { library: name, state: 'installed', url, words: `${words} ${url}` };
  },
  async status(deps, { name: library }, webhooks, signal) {
    const found = await webhooks.find(signal);
    if (found === undefined) return { library, state: 'too old', words: tooOld(deps) };
    const [first] = found;
    if (first === undefined) return { library, state: 'none', words: `no webhook; ${polling(deps)}` };
    const { url, enabled } = first;
    const wanted = targetOf(deps, library);
    if (!enabled) return { library, state: 'off', url, words: 'the webhook is switched off in Immich' };
    if (wanted !== undefined && wanted !== url) {
      const words = `Immich tells of new photos at ${url}, and IMMICH_WEBHOOK_URL says ${wanted}: install it again`;
      return { library, state: 'elsewhere', url, words };
    }
    return { library, state: 'installed', url, words: `Immich tells of new photos at ${url}` };
  },
  async remove(deps, { name: library }, webhooks, signal) {
    const count = await webhooks.remove(signal);
    const words = count === 0 ? 'there was no webhook' : 'the webhook is removed';
    return { library, state: 'none', words: `${words}; ${polling(deps)}` };
  },
};

const targetOf = ({ settings }: WebhookDeps, name: string): string | undefined =>
  settings.IMMICH_WEBHOOK_URL &&
  `${settings.IMMICH_WEBHOOK_URL.replace(/\/+$/, '')}${hookPath}/${encodeURIComponent(name)}`;

const polling = ({ settings: { IMMICH_POLL_SEC: seconds } }: WebhookDeps): string =>
  seconds === 0
    ? 'new photos are found by the pass of the night (IMMICH_POLL_SEC is 0)'
    : `new photos are found by looking every ${seconds} s`;

const tooOld = (deps: WebhookDeps): string =>
  `this Immich is older than 3.0 and has no webhooks. Nothing is to be done: ${polling(deps)}.`;

const noAddress = ({ run }: WebhookDeps): string =>
  'Set IMMICH_WEBHOOK_URL to the address of this Darkroom as Immich sees it, for example http://192.168.1.20:2285. ' +
  (run.http === undefined
    ? 'It serves no HTTP now (DARKROOM_HTTP_ADDRESS).'
    : `It listens on ${run.http.host}, port ${new URL(run.http.url).port} now.`);

/** Whether Immich gets through is seen only at the first photo; what can be told before is told. */
function reachNotes({ run, settings }: WebhookDeps): string[] {
  if (run.http === undefined) return ['Darkroom serves no HTTP now, so nothing is heard: see DARKROOM_HTTP_ADDRESS.'];
  const wanted = settings.IMMICH_WEBHOOK_URL;
  if (wanted === undefined || !isLoopback(run.http.host) || isLoopback(hostOf(wanted))) return [];
  return [
    `Darkroom listens on ${run.http.host}, for this machine alone: unless something on it passes on what comes to ${hostOf(wanted)}, ` +
      `set DARKROOM_HTTP_ADDRESS to 0.0.0.0:${new URL(run.http.url).port}, and start it again.`,
  ];
}

const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '');
