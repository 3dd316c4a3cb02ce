import { mkdir } from 'node:fs/promises';
import type { Finding } from '../../domain/checkup.ts';
import type { Settings } from '../../runtime/config.ts';
import { readRunFile } from '../../runtime/run-file.ts';
import { faceServices } from './face-services.ts';
import { immichs } from './immich.ts';
import { httpServed } from './http.ts';
import { lastLook, stuckRuns } from './runs.ts';
import * as machine from './machine.ts';
import * as services from './services.ts';
import { visionHosts, withHostsFileOf } from './vision-hosts.ts';
import { writtenTexts } from './written-texts.ts';

export interface Place {
  readonly settings: Settings;
  readonly dataDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

export interface Check {
  readonly about: string;
  readonly look: () => Promise<readonly Finding[]>;
}

/** What is looked at depends on what runs: without a running `up` the embedded servers are not there to be asked. */
export async function checksFor({ settings, dataDir, env, signal }: Place): Promise<readonly Check[]> {
  const found = await readRunFile(dataDir);
  const run = found.state === 'running' ? found.run : undefined;
  const roots = new Set([...settings.LIBRARY_FOLDERS, ...(run?.libraries ?? [])]);
  const url = settings.DATABASE_URL?.reveal();
  const target = run?.database ?? (url === undefined ? undefined : { kind: 'url' as const, url });
  const embedded = run?.temporal.uiUrl === undefined ? undefined : run.temporal;
  const hasTemporal = run !== undefined || settings.TEMPORAL_ADDRESS !== undefined;
  return [
    { about: 'Node', look: machine.nodeVersion },
    { about: 'Perl', look: () => machine.perl(signal) },
    {
      about: 'data folder',
      look: async () => {
        await mkdir(dataDir, { recursive: true });
        return await machine.diskSpace(dataDir, settings.DARKROOM_MIN_FREE_MB);
      },
    },
    { about: 'darkroom up', look: async () => [isRunning(run, dataDir)] },
    ...(target === undefined ? [] : [{ about: 'database', look: () => services.database(target) }]),
    ...(hasTemporal
      ? [{ about: 'Temporal', look: () => services.temporal({ env, ...(embedded && { embedded }) }) }]
      : []),
    ...(hasTemporal
      ? [{ about: 'stuck runs', look: () => stuckRuns({ env, ...(embedded && { embedded }) }, run?.temporal.uiUrl) }]
      : []),
    ...(target === undefined
      ? []
      : [{ about: 'reconcile', look: () => lastLook(target, settings.DARKROOM_RECONCILE_MIN) }]),
    ...(run === undefined ? [] : [{ about: 'HTTP', look: () => httpServed(run, settings, signal) }]),
    { about: 'vision hosts', look: () => visionHosts(withHostsFileOf(settings, run), env, signal) },
    { about: 'face services', look: () => faceServices(settings, signal) },
    ...[...roots].map((root) => ({
      about: 'library',
      look: () => machine.libraryFolder(root, dataDir, settings.DARKROOM_IGNORE),
    })),
    { about: 'Immich', look: () => immichs({ settings, target, signal }) },
    ...(target === undefined
      ? []
      : [{ about: 'written texts', look: () => writtenTexts(target, settings.IMMICH_VERIFY_MIN) }]),
    { about: 'file watches', look: machine.watches },
  ];
}

function isRunning(run: { supervisor: { pid: number } } | undefined, dataDir: string): Finding {
  const about = 'darkroom up';
  if (run !== undefined) return { about, level: 'ok', detail: `runs on ${dataDir} (pid ${run.supervisor.pid})` };
  const detail = `does not run on ${dataDir}; database and Temporal cannot be asked`;
  return { about, level: 'note', detail, todo: 'Start it: darkroom up <folder>' };
}
