import type { CallLimits, VisionApi, VisionHost } from '../domain/vision-host.ts';
import { defaultLimits, plainHost } from '../domain/vision-host.ts';
import type { Settings } from './config.ts';
import { hostLabel } from './host-address.ts';
import type { KeyProblem } from './hosts-file-problems.ts';
import type { HostEntry } from './hosts-file-schema.ts';

/** The settings that are defaults of hosts. */
export type HostSettings = Pick<
  Settings,
  | 'VISION_API'
  | 'VISION_MODEL'
  | 'VISION_FALLBACK_MODEL'
  | 'VISION_SLOTS'
  | 'VISION_FIRST_BYTE_SEC'
  | 'VISION_IDLE_SEC'
  | 'VISION_TIMEOUT_SEC'
>;

export const limitsOf = (settings: HostSettings, entry: HostEntry = {}): CallLimits => ({
  connectMs: msOf(entry.connectTimeoutSec) ?? defaultLimits.connectMs,
  loadMs: msOf(entry.loadSec) ?? defaultLimits.loadMs,
  firstByteMs: (entry.firstByteSec ?? settings.VISION_FIRST_BYTE_SEC) * 1_000,
  idleMs: (entry.idleSec ?? settings.VISION_IDLE_SEC) * 1_000,
  overallMs: (entry.timeoutSec ?? settings.VISION_TIMEOUT_SEC) * 1_000,
});

const msOf = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1_000);

/** One host of the file, and what is wrong with keys that depend on each other. No host without `settings` or an address. */
export function hostOf(
  entry: HostEntry,
  settings: HostSettings | undefined,
  headers: VisionHost['headers'],
): { host: VisionHost | undefined; problems: readonly KeyProblem[] } {
  const api = entry.api ?? settings?.VISION_API;
  const problems = [...urlProblems(entry), ...roleProblems(entry, settings), ...optionProblems(entry, api)];
  if (settings === undefined || entry.url === undefined || api === undefined) return { host: undefined, problems };
  const { slots = settings.VISION_SLOTS, options = {}, requestsPerMinute, tokensPerDay, price } = entry;
  const host = plainHost(hostLabel(entry.url), settings.VISION_MODEL, {
    api,
    models: modelsOf(entry, settings),
    slots,
    limits: limitsOf(settings, entry),
    options,
    headers,
    ...(entry.keepAlive !== undefined && { keepAlive: keepAliveOf(entry.keepAlive) }),
    ...(requestsPerMinute !== undefined && { requestsPerMinute }),
    ...(tokensPerDay !== undefined && { tokensPerDay }),
    ...(price !== undefined && { price: { ...price, currency: price.currency ?? 'USD' } }),
  });
  return { host, problems };
}

/** Ollama takes numbers as seconds, and refuses text without a unit. */
const keepAliveOf = (given: string | number): string | number =>
  typeof given === 'string' && /^(-1|\d+)$/.test(given) ? Number(given) : given;

function modelsOf({ model, role = 'primary' }: HostEntry, settings: HostSettings): VisionHost['models'] {
  if (typeof model !== 'object') return { [role]: model ?? canonical(settings)[role] };
  const { primary, fallback } = model;
  return { ...(primary !== undefined && { primary }), ...(fallback !== undefined && { fallback }) };
}

const canonical = ({ VISION_MODEL, VISION_FALLBACK_MODEL }: HostSettings) => ({
  primary: VISION_MODEL,
  fallback: VISION_FALLBACK_MODEL ?? VISION_MODEL,
});

function urlProblems({ url }: HostEntry): KeyProblem[] {
  const { search = '', hash = '' } = url === undefined ? {} : new URL(url);
  return search === '' && hash === ''
    ? []
    : [{ key: 'url', text: 'has a part after ? or #, which is not sent; a key belongs into token or headers' }];
}

function roleProblems({ model, role }: HostEntry, settings: HostSettings | undefined): KeyProblem[] {
  const byRole = typeof model === 'object';
  if (byRole && role !== undefined) {
    return [{ key: 'role', text: 'says nothing where model names the tag of each role; leave one of them out' }];
  }
  if (byRole && model.primary === undefined && model.fallback === undefined) {
    return [{ key: 'model', text: 'names no tag: give primary, fallback or both' }];
  }
  const own = byRole ? model.fallback : role === 'fallback' ? model : undefined;
  // Its answers would be kept under the name of a model that did not make them.
  if (settings === undefined || own === undefined || settings.VISION_FALLBACK_MODEL !== undefined) return [];
  const what = 'the name of the fallback model, or the value of VISION_MODEL if it is the same model under another tag';
  return own === settings.VISION_MODEL
    ? []
    : [{ key: 'model', text: `is a fallback of its own; set VISION_FALLBACK_MODEL: ${what}` }];
}

/** Fields of a request that are ours to fill, so that every host is asked the same. */
const ours = new Set(['model', 'messages', 'stream', 'stream_options', 'response_format']);

function optionProblems({ options = {}, keepAlive }: HostEntry, api: VisionApi | undefined): KeyProblem[] {
  const named = Object.entries(options).flatMap(([name, value]): KeyProblem[] => {
    const key = `options.${name}`;
    if (name === 'num_ctx') {
      return [{ key, text: 'has to be the same on all hosts; leave it out and set VISION_NUM_CTX' }];
    }
    if (['num_predict', 'max_tokens', 'max_completion_tokens'].includes(name)) {
      // Some services know only the newer name of the two, and refuse the other.
      const leftOut = name === 'max_tokens' && value === null && 'max_completion_tokens' in options;
      const fine = leftOut || (typeof value === 'number' && Number.isInteger(value) && value > 0);
      return fine
        ? []
        : [{ key, text: 'has to be at least 1, or an answer may never end; VISION_NUM_PREDICT is for all' }];
    }
    return api === 'openai' && ours.has(name) ? [{ key, text: 'is filled in by Darkroom; leave it out' }] : [];
  });
  const kept = keepAlive !== undefined && api === 'openai';
  return kept ? [...named, { key: 'keepAlive', text: 'is known to Ollama only; leave it out' }] : named;
}
