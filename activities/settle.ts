import type { Activities } from '../domain/contract.ts';
import { heartbeating } from './heartbeat.ts';
import type { Sources } from './sources.ts';

export interface SettleDeps {
  readonly sources: Sources;
}

export const createSettleActivities = ({ sources }: SettleDeps): Pick<Activities, 'checkSettled'> => ({
  checkSettled: ({ asset, first, quietMs }) =>
    heartbeating(async (signal) => await (await sources.of(asset.library)).look(asset, { first, quietMs, signal })),
});
