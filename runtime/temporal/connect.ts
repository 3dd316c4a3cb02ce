import type { TLSConfig } from '@temporalio/client';
import { ConfigError } from '../../domain/errors.ts';

export const DEFAULT_NAMESPACE = 'default';

/** Works for `Connection.connect` and `NativeConnection.connect`. */
export interface ConnectOptions {
  readonly connectionOptions: {
    readonly address: string;
    readonly tls?: TLSConfig | boolean;
    readonly apiKey?: string;
    readonly metadata?: Record<string, string>;
  };
  readonly namespace: string;
}

/** A server that is not ours: `TEMPORAL_ADDRESS` is set. */
export const isExternal = (env: NodeJS.ProcessEnv): boolean => (env['TEMPORAL_ADDRESS'] ?? '').trim() !== '';

/**
 * How to reach the server: `embedded` (address and namespace of `startTemporal`, or of run.json) wins, else Temporal's
 * own environment and profile file. The embedded one is reached without the TLS or key that a profile may hold.
 */
export async function connectOptions(input: {
  env: NodeJS.ProcessEnv;
  embedded?: { address: string; namespace: string };
}): Promise<ConnectOptions> {
  const { env, embedded } = input;
  if (embedded !== undefined) {
    return { connectionOptions: { address: embedded.address, tls: false }, namespace: embedded.namespace };
  }
  // Loaded here, so that a process that only starts the embedded server carries none of the SDK.
  const { loadClientConfigProfile, loadClientConnectConfig } = await import('@temporalio/envconfig');
  const overrideEnvVars = definedOnly(env);
  const { address, namespace, apiKey, grpcMeta } = loadClientConfigProfile({ overrideEnvVars });
  const { tls } = loadClientConnectConfig({ overrideEnvVars }).connectionOptions;
  if (address === undefined) {
    throw new ConfigError('BadConfig', 'No Temporal server: set TEMPORAL_ADDRESS to its host:port.');
  }
  const connectionOptions = {
    address,
    ...(tls === undefined || tls === null ? {} : { tls }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(grpcMeta === undefined ? {} : { metadata: grpcMeta }),
  };
  return { connectionOptions, namespace: namespace ?? DEFAULT_NAMESPACE };
}

const definedOnly = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
