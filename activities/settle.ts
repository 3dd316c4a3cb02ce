import type { Activities, SettleCheck } from '../domain/contract.ts';
import type { Folders } from './folders.ts';
import { heartbeating } from './heartbeat.ts';
import { type Observation, judgeSettled } from '../domain/settle.ts';

export interface SettleDeps {
  readonly folders: Folders;
  readonly now: () => number;
}

export function createSettleActivities({ folders, now }: SettleDeps): Pick<Activities, 'checkSettled'> {
  return {
    checkSettled: ({ asset, first, quietMs }) =>
      heartbeating(async (): Promise<SettleCheck> => {
        const { folder, rawPath } = await folders.locate(asset);
        const stat = await folder.stat(rawPath);
        if (stat === undefined) return { verdict: 'gone', why: 'there is no file of this name any more' };
        const look: Observation = { stat, at: now() };
        const judged = judgeSettled(first, look, quietMs);
        if (judged.verdict === 'whole') return { verdict: 'whole', stat };
        if (judged.verdict === 'empty') return { verdict: 'empty', stat };
        const unchanged = first !== undefined && first.stat.size === stat.size && first.stat.mtimeMs === stat.mtimeMs;
        const why = stat.size === 0 ? 'the file is empty so far' : 'waiting until the file is whole';
        return { verdict: 'wait', waitMs: judged.waitMs, first: unchanged ? first : look, why };
      }),
  };
}
