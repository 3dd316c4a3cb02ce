import assert from 'node:assert/strict';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { z } from 'zod';
import type { LibraryCounts } from '../../domain/status.ts';
import { darkroom } from './darkroom-command.ts';
import { running } from './immich/running.ts';
import { startScriptedHost } from './scripted-host.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { startUp } from './up.ts';

const started = z.object({ backfill: z.string(), isNew: z.boolean(), photos: z.number(), wanted: z.number() });
const shown = z.object({ state: z.string(), taken: z.object({ total: z.number(), rewritten: z.number() }) });

/** An Immich of which, unless told, nothing is described by itself: what is chosen is all that happens. */
export async function choiceScene(t: TestContext, more: Readonly<Record<string, string>> = {}, firstByteMs = 20) {
  const immich = await running(t);
  const dataDir = path.join(await temporaryFolder(t), 'data');
  let calls = 0;
  const answer = () => ({ text: `answer ${(calls += 1)}`, firstByteMs });
  const host = await startScriptedHost({ answer });
  t.after(() => host.off());
  const env = {
    DARKROOM_DATA_DIR: dataDir,
    DARKROOM_MODE: 'monitor',
    IMMICH_API_URL: immich.url,
    IMMICH_API_KEY: immich.user.key,
    FIRST_LOOK: '0',
    IMMICH_PEOPLE_WAIT: '0s',
    IMMICH_POLL_SEC: '0',
    ...more,
  };
  const start = async () => {
    const up = await startUp(t, { folders: [], hosts: [host.url], dataDir, env: { ...env, VISION_MODEL: host.model } });
    await up.said(/^ready$/);
    const isKnown = ({ library }: LibraryCounts) => library.kind === 'immich';
    await up.until('its library is known', async () => (await up.query((queries) => queries.counts())).some(isKnown));
    return up;
  };
  const run = async (...args: string[]) => {
    const ended = await darkroom(args, env);
    assert.equal(ended.code, 0, `${args.join(' ')}: ${ended.err}`);
    return ended.out;
  };
  const refused = async (...args: string[]) => {
    const { code, err } = await darkroom(args, env);
    assert.equal(code, 2, `${args.join(' ')}: ${err}`);
    return err;
  };
  const begin = async (...args: string[]) => started.parse(JSON.parse(await run('backfill', ...args, '--json')));
  const show = async (backfill: string) => shown.parse(JSON.parse(await run('backfills', 'show', backfill, '--json')));
  const taken = async (backfill: string) => (await show(backfill)).taken.total;
  const ended = async (backfill: string) => {
    const { state, taken } = await show(backfill);
    return state === 'finished' && taken.rewritten === taken.total;
  };
  const { id: owner } = immich.user;
  const add = (count: number, people: readonly string[] = []) =>
    immich.addAssets(owner, count, { createdAt: Date.UTC(2024), people });
  const described = (ids: readonly string[]) => ids.filter((id) => immich.description(id) !== '');
  return { immich, owner, dataDir, add, start, run, refused, begin, ended, taken, described, host, calls: () => calls };
}
