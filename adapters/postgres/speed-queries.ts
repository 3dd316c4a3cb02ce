import { z } from 'zod';
import type { SpeedQueries } from '../../domain/eta.ts';
import type { Database } from './connection.ts';
import { count } from './rows.ts';

const speedRow = z.object({ host: z.string(), model: z.string(), calls: count, msEach: z.number() });
const shareRow = z.object({ runs: count, calls: count });

/** Of all hosts together; each is judged by its last ones. */
const lastCalls = 2_000;
const lastCallsEach = 50;
const lastRuns = 1_000;
const fewestRuns = 10;

/** How fast the work went lately. Each statement looks at the latest rows by an index, however many there are. */
export function createSpeedQueries({ database }: { database: Database }): SpeedQueries {
  return {
    async hostSpeeds() {
      return await database.rows(
        speedRow,
        (sql) => sql`
          select host, model, count(*) as calls, percentile_cont(0.5) within group (order by total_ms) as ms_each
          from (
            select host, model, total_ms, row_number() over (partition by host, model order by created desc) as nth
            from (
              select host, model, total_ms, created from darkroom.description order by created desc limit ${lastCalls}
            ) latest
          ) ranked
          where nth <= ${lastCallsEach}
          group by host, model order by host, model`,
      );
    },

    async callShare() {
      const [row] = await database.rows(
        shareRow,
        (sql) => sql`
          with latest as materialized (
            select ended from darkroom.asset_run where outcome = 'done' order by ended desc limit ${lastRuns}
          )
          select (select count(*) from latest) as runs, count(*) as calls
          from darkroom.description where created >= (select min(ended) from latest)`,
      );
      return row === undefined || row.runs < fewestRuns ? undefined : Math.min(1, row.calls / row.runs);
    },
  };
}
