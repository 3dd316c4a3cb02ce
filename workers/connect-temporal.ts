import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import type { Logger } from '../runtime/log.ts';
import { connectOptions } from '../runtime/temporal/connect.ts';
import { ensureNamespace } from '../runtime/temporal/namespace.ts';

export interface TemporalConnections {
  readonly connection: NativeConnection;
  readonly client: Client;
  readonly namespace: string;
}

export interface ConnectInput {
  readonly env: NodeJS.ProcessEnv;
  readonly embedded: { address: string; namespace: string } | undefined;
  /** Milliseconds for which the embedded server keeps runs that have ended. */
  readonly retentionMs: number | undefined;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Connects as soon as the server answers, however long that takes: a server that starts slowly is a wait, not an error. */
export async function connectTemporal({
  env,
  embedded,
  retentionMs,
  log,
  signal,
}: ConnectInput): Promise<TemporalConnections> {
  const { connectionOptions, namespace } = await connectOptions({ env, ...(embedded !== undefined && { embedded }) });
  let said = false;
  for (;;) {
    try {
      const connection = await NativeConnection.connect({ ...connectionOptions, ...compressionFor(embedded) });
      await ensureNamespace(connection, { namespace, embedded: embedded !== undefined, retentionMs, signal });
      return { connection, namespace, client: new Client({ connection, namespace }) };
    } catch (error) {
      if (signal.aborted || !isAway(error)) throw error;
      if (!said) log.warn({ address: connectionOptions.address }, howToGoOn(embedded));
      said = true;
      await sleep(500, undefined, { signal });
    }
  }
}

/** On loopback compressing costs both sides more than the bytes it saves. */
const compressionFor = (embedded: ConnectInput['embedded']) =>
  embedded === undefined ? {} : { grpcCompression: { codec: 'none' } as const };

const howToGoOn = (embedded: ConnectInput['embedded']): string =>
  embedded === undefined
    ? 'Waiting for Temporal, which does not answer. Start it, or correct TEMPORAL_ADDRESS; without it an embedded one is used'
    : 'Waiting for the embedded Temporal, which does not answer yet';

const isAway = (error: unknown): boolean =>
  error instanceof Error && /transport|unavailable|connect|refused|deadline/i.test(`${error.name} ${error.message}`);
