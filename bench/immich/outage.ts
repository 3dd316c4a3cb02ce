import { setTimeout as sleep } from 'node:timers/promises';
import { inScene, tell, untilEnded } from './scene.ts';

export interface Outage {
  /** Model calls beyond one for each photo. */
  readonly repeated: number;
  /** Photos without a text in Immich at the end. */
  readonly lost: number;
}

/** Immich is killed when a third of the photos have their text, and comes back after `seconds`. */
export const measureOutage = (assets: number, seconds: number): Promise<Outage> =>
  inScene({ assets, mortal: true }, async ({ immich, host, ids, start, killImmich, restoreImmich }) => {
    const up = await start();
    const third = async () => Object.keys((await immich().call('counts')).textsWritten).length >= assets / 3;
    await up.until('a third of them has a text', third, 600_000);
    await killImmich();
    tell(`Immich away after ${host.calls.length} model calls, for ${seconds} s`);
    await sleep(seconds * 1_000);
    tell(`Immich back after ${host.calls.length} model calls`);
    await restoreImmich();
    await untilEnded(up, assets);
    const { textsWritten } = await immich().call('counts');
    await up.stop();
    return { repeated: host.calls.length - assets, lost: ids.filter((id) => textsWritten[id] === undefined).length };
  });
