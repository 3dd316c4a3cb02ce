import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import { ConfigError } from '../../domain/errors.ts';

/** The search attribute by which runs of one library are found; set at start only. */
export const LIBRARY_ATTRIBUTE = 'DarkroomLibrary';

/** What is needed of a client's or worker's connection. */
export type Services = Pick<Connection, 'workflowService' | 'operatorService' | 'withAbortSignal'>;

export interface NamespaceInput {
  readonly namespace: string;
  /** Ours: a missing namespace is created. Else it is an error that names the command to run. */
  readonly embedded: boolean;
  /** Milliseconds for which the embedded server keeps closed runs; absent: a day, and an existing namespace is left alone. */
  readonly retentionMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A closed run is kept for a day: 26 KB a photo, and the file does not shrink. */
const RETENTION_MS = 86_400_000;
/** New namespaces were known after 2 to 3 s, search attributes after 1.3 to 1.9 s. */
const KNOWN_LIMIT_MS = 60_000;
const POLL_MS = 200;

const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
/** Invalid argument (an attribute unknown so far), not found (a namespace), unavailable (still starting). */
const notYet = new Set<unknown>([3, NOT_FOUND, 14]);

const { INDEXED_VALUE_TYPE_KEYWORD } = proto.temporal.api.enums.v1.IndexedValueType;

/**
 * Makes sure that the namespace and the search attribute are there and that every part of the server knows them; harmless
 * to repeat. Throws ConfigError where a person has to run a command.
 */
export async function ensureNamespace(connection: Services, input: NamespaceInput): Promise<void> {
  const limit = AbortSignal.timeout(KNOWN_LIMIT_MS);
  const signal = input.signal === undefined ? limit : AbortSignal.any([limit, input.signal]);
  await connection.withAbortSignal(signal, () => ensureWithin(connection, input, signal));
}

async function ensureWithin(connection: Services, input: NamespaceInput, signal: AbortSignal): Promise<void> {
  const { namespace } = input;
  const { workflowService } = connection;
  const seconds = await retentionSeconds(connection, namespace);
  if (seconds === undefined) await createNamespace(connection, input);
  else await adjustRetention(connection, input, seconds);
  await untilKnown(() => workflowService.countWorkflowExecutions({ namespace }), signal);
  if (!(await attributeExists(connection, namespace))) await addAttribute(connection, input);
  const query = `${LIBRARY_ATTRIBUTE} = 'none'`;
  await untilKnown(() => workflowService.countWorkflowExecutions({ namespace, query }), signal);
}

/** Undefined where there is no such namespace. */
async function retentionSeconds({ workflowService }: Services, namespace: string): Promise<number | undefined> {
  try {
    const { config } = await workflowService.describeNamespace({ namespace });
    return Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
  } catch (error) {
    if (grpcCode(error) === NOT_FOUND) return undefined;
    throw error;
  }
}

/** Only of the embedded server: how long somebody else's keeps runs is theirs to say. Holds for runs that close from then on. */
async function adjustRetention(
  { workflowService }: Services,
  { namespace, embedded, retentionMs }: NamespaceInput,
  seconds: number,
): Promise<void> {
  if (!embedded || retentionMs === undefined || seconds === Math.round(retentionMs / 1000)) return;
  const config = { workflowExecutionRetentionTtl: msToTs(retentionMs) };
  await workflowService.updateNamespace({ namespace, config });
}

async function createNamespace(
  { workflowService }: Services,
  { namespace, embedded, retentionMs = RETENTION_MS }: NamespaceInput,
): Promise<void> {
  if (!embedded) {
    throw new ConfigError(
      'BadConfig',
      `The Temporal server has no namespace "${namespace}". Create it with ` +
        `\`temporal operator namespace create --namespace ${namespace} --retention 24h\`, or set TEMPORAL_NAMESPACE.`,
    );
  }
  const workflowExecutionRetentionPeriod = msToTs(retentionMs);
  await unlessThere(workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod }));
}

async function attributeExists({ operatorService }: Services, namespace: string): Promise<boolean> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  return customAttributes?.[LIBRARY_ATTRIBUTE] === INDEXED_VALUE_TYPE_KEYWORD;
}

async function addAttribute({ operatorService }: Services, { namespace }: NamespaceInput): Promise<void> {
  const searchAttributes = { [LIBRARY_ATTRIBUTE]: INDEXED_VALUE_TYPE_KEYWORD };
  try {
    await unlessThere(operatorService.addSearchAttributes({ namespace, searchAttributes }));
  } catch (error) {
    throw new ConfigError(
      'BadConfig',
      `The search attribute ${LIBRARY_ATTRIBUTE} could not be added to the Temporal namespace "${namespace}"` +
        ` (${error instanceof Error ? error.message : String(error)}). Add it with \`temporal operator ` +
        `search-attribute create --namespace ${namespace} --name ${LIBRARY_ATTRIBUTE} --type Keyword\`.`,
      { cause: error },
    );
  }
}

/** Two processes may do this at once. */
async function unlessThere(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (grpcCode(error) !== ALREADY_EXISTS) throw error;
  }
}

/** Parts of the server learn of a new namespace or attribute by looking every few seconds; until then they refuse it. */
async function untilKnown(ask: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      if (signal.aborted || !notYet.has(grpcCode(error))) throw error;
      await sleep(POLL_MS, undefined, { signal });
    }
  }
}

const grpcCode = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);
