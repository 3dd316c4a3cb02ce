import { join } from 'node:path';
import type { FoundServer } from './find.ts';
import type { Ports } from './ports.ts';
import { dynamicSettings, MAIN_DB, writeConfigFiles } from './server-config.ts';
import type { Program, ReadyCheck, TemporalService } from './service.ts';

/** From SIGTERM to the end the server took 1.0 to 2.7 s. */
const SERVER_GRACE_MS = 5_000;
const UI_GRACE_MS = 2_000;

export interface NamedProgram {
  readonly name: TemporalService['name'];
  readonly stopGraceMs: number;
  readonly program: Program;
}

export interface ProgramsInput {
  readonly found: FoundServer;
  readonly stateDir: string;
  readonly configDir: string;
  readonly ports: Ports;
  readonly namespace: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The programs of one embedded server, in the order of their start. The CLI has the Web UI inside. */
export async function programsOf(input: ProgramsInput): Promise<readonly NamedProgram[]> {
  const { found } = input;
  return found.kind === 'cli' ? [cliProgram(found.cli, input)] : await compiledPrograms(found, input);
}

/** What a server left over from a killed run has on its command line, and nothing else on the machine. */
export const ownArguments = (stateDir: string, configDir: string) =>
  [
    ['--config-file', join(configDir, 'server.yaml')],
    ['--db-filename', join(stateDir, MAIN_DB)],
    ['--root', configDir],
  ] as const;

function cliProgram(command: string, { stateDir, ports, namespace, env }: ProgramsInput): NamedProgram {
  const settings = Object.entries(dynamicSettings).flatMap(([name, value]) => [
    '--dynamic-config-value',
    `${name}=${JSON.stringify(value)}`,
  ]);
  const listen = ['--ip', '127.0.0.1', '--port', `${ports.frontend}`, '--http-port', `${ports.http}`];
  const files = ['--db-filename', join(stateDir, MAIN_DB)];
  const pragmas = ['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=1'];
  const ui = ['--ui-ip', '127.0.0.1', '--ui-port', `${ports.ui}`, '--ui-disable-news-fetch'];
  const logs = ['--log-format', 'json', '--log-level', 'warn'];
  const args = ['server', 'start-dev', ...listen, ...files, ...pragmas, ...ui, ...logs, '--namespace', namespace];
  return {
    name: 'temporal',
    stopGraceMs: SERVER_GRACE_MS,
    program: {
      command,
      args: [...args, ...settings],
      cwd: stateDir,
      env: childEnv(env),
      readyWhen: serverChecks(ports),
    },
  };
}

async function compiledPrograms(
  { server, ui }: Extract<FoundServer, { kind: 'compiled' }>,
  { stateDir, configDir, ports, namespace, env }: ProgramsInput,
): Promise<readonly NamedProgram[]> {
  const { serverConfig } = await writeConfigFiles({ dir: configDir, ports, namespace });
  const shared = { cwd: stateDir, env: childEnv(env) };
  const serverArgs = ['--config-file', serverConfig, '--allow-no-auth', 'start'];
  const uiArgs = ['--root', configDir, '--config', 'ui', '--env', 'development', 'start'];
  return [
    {
      name: 'temporal',
      stopGraceMs: SERVER_GRACE_MS,
      program: { ...shared, command: server, args: serverArgs, readyWhen: serverChecks(ports) },
    },
    {
      name: 'temporal-ui',
      stopGraceMs: UI_GRACE_MS,
      program: {
        ...shared,
        command: ui,
        args: uiArgs,
        readyWhen: [uiCheck(ports)],
      },
    },
  ];
}

/**
 * Asks over HTTP, so that whoever starts the server needs no gRPC. The frontend answers before it can reach the others:
 * one question that only history can answer (no such workflow), one for matching.
 */
function serverChecks(ports: Ports): readonly ReadyCheck[] {
  const namespace = `http://127.0.0.1:${ports.http}/api/v1/namespaces/temporal-system`;
  return [
    { url: `${namespace}/workflows/none`, status: 404 },
    { url: `${namespace}/task-queues/none`, status: 200 },
  ];
}

const uiCheck = (ports: Ports): ReadyCheck => ({ url: `http://127.0.0.1:${ports.ui}/`, status: 200 });

/** The server and its UI read TEMPORAL_* variables of their own, which may come from a person's profile for another server. */
const childEnv = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
