import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { ConfigError, errorCode } from '../../domain/errors.ts';

/** What one embedded server listens on, all on 127.0.0.1. The offsets are those of `portBlock`. */
export interface Ports {
  readonly frontend: number;
  readonly history: number;
  readonly matching: number;
  readonly worker: number;
  readonly http: number;
  /** The membership ports of the four services lie this much above their own. */
  readonly membershipOffset: number;
  readonly ui: number;
}

export const DEFAULT_PORT = 7233;
export const DEFAULT_UI_PORT = 8233;

const MEMBERSHIP_OFFSET = 100;
const HTTP_OFFSET = 10;
/** As the CLI has it. */
const UI_OFFSET = 1000;
/** Below the range from which Linux takes ports for outgoing connections (32768 and up). */
const FREE_RANGE = [20_000, 32_000] as const;
const TRIES = 50;

type PortIsFree = (port: number) => Promise<boolean>;

/**
 * The ports for a server whose frontend listens on `port` and whose UI on `uiPort`; 0 finds free ones, those of the
 * last start before others. Throws ConfigError naming the port that is taken and the setting to change.
 */
export async function choosePorts(input: {
  port: number;
  uiPort: number;
  last?: { readonly port: number; readonly uiPort: number } | undefined;
  isFree?: PortIsFree;
}): Promise<Ports> {
  const { port, uiPort, last, isFree = portIsFree } = input;
  const base = port === 0 ? await freeBase(last?.port, isFree) : port;
  if (port !== 0) await mustBeFree(blockOf(base), 'DARKROOM_TEMPORAL_PORT', isFree);
  if (uiPort !== 0) await mustBeFree([uiPort], 'DARKROOM_TEMPORAL_UI_PORT', isFree);
  return portBlock(base, uiPort === 0 ? await freeUi([last?.uiPort ?? 0, base + UI_OFFSET], isFree) : uiPort);
}

export const portBlock = (base: number, ui: number): Ports => ({
  frontend: base,
  history: base + 1,
  matching: base + 2,
  worker: base + 3,
  http: base + HTTP_OFFSET,
  membershipOffset: MEMBERSHIP_OFFSET,
  ui,
});

function blockOf(base: number): number[] {
  const services = [base, base + 1, base + 2, base + 3];
  return [...services, base + HTTP_OFFSET, ...services.map((service) => service + MEMBERSHIP_OFFSET)];
}

async function mustBeFree(ports: readonly number[], setting: string, isFree: PortIsFree): Promise<void> {
  for (const port of ports) {
    if (await isFree(port)) continue;
    const block = ports.length > 1 ? ` (the embedded Temporal needs ${ports.join(', ')})` : '';
    throw new ConfigError(
      'BadConfig',
      `Port ${port} on 127.0.0.1 is in use${block}. Set ${setting} to another port or to 0 (any free one)` +
        (ports.length > 1 ? `, or set TEMPORAL_ADDRESS to use a Temporal server that is already there.` : '.'),
    );
  }
}

async function freeBase(last: number | undefined, isFree: PortIsFree): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const base = attempt === 0 && last !== undefined ? last : randomInt(...FREE_RANGE);
    const free = await Promise.all(blockOf(base).map((port) => isFree(port)));
    if (free.every(Boolean)) return base;
  }
  throw new ConfigError('BadConfig', `No block of free ports was found between ${FREE_RANGE.join(' and ')}.`);
}

async function freeUi(wanted: readonly number[], isFree: PortIsFree): Promise<number> {
  for (const port of wanted) if (port !== 0 && (await isFree(port))) return port;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const port = randomInt(...FREE_RANGE);
    if (await isFree(port)) return port;
  }
  throw new ConfigError('BadConfig', 'No free port was found for the Temporal Web UI. Set DARKROOM_TEMPORAL_UI_PORT.');
}

/** Also false where another program listens on all addresses. Ports that we may not open (below 1024) count as taken. */
export function portIsFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => {
      if (['EADDRINUSE', 'EACCES'].includes(errorCode(error) ?? '')) resolve(false);
      else reject(error);
    });
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
