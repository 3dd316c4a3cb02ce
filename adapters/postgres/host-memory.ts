import { z } from 'zod';
import type { HostMemory, RestLifting } from '../../domain/host-ports.ts';
import type { Database } from './connection.ts';
import { count } from './rows.ts';

const restRow = z.object({
  host: z.string(),
  model: z.string(),
  until: z.date().transform((date) => date.getTime()),
  reason: z.string(),
});
const tokensRow = z.object({ host: z.string(), model: z.string(), tokens: count });

/** More hosts than anybody has; the longest rests come first. */
const mostRests = 1_000;

/** What about hosts outlives a restart, in Postgres. Every method is one statement and may be called again with the same effect. */
export function createHostMemory({ database }: { database: Database }): HostMemory & RestLifting {
  return {
    async rests() {
      return await database.rows(
        restRow,
        (sql) => sql`
          select host, model, until, reason from darkroom.host_rest
          where until > now() order by until desc, host, model limit ${mostRests}`,
      );
    },

    async rest({ host, model, until, reason }) {
      const asked = { host, model, until: new Date(until).toISOString(), reason };
      await database.run(
        (sql, json) => sql`
          with asked as (
            select * from jsonb_to_record(${json(asked)}) as r(host text, model text, until timestamptz, reason text)
          ), over as (
            delete from darkroom.host_rest t using asked a
            where t.until <= now() and (t.host, t.model) <> (a.host, a.model)
          )
          insert into darkroom.host_rest as t (host, model, until, reason)
          select host, model, until, reason from asked
          on conflict (host, model) do update set until = excluded.until, reason = excluded.reason
          where excluded.until > t.until`,
      );
    },

    async forgetRests(host) {
      return await database.rows(
        restRow,
        (sql) => sql`
          with forgotten as (
            delete from darkroom.host_rest where host = ${host} and until > now() returning host, model, until, reason
          )
          select * from forgotten order by until desc, model`,
      );
    },

    async tokensSince(since) {
      const from = new Date(since).toISOString();
      return await database.rows(
        tokensRow,
        (sql) => sql`
          select host, model, sum(coalesce(prompt_tokens, 0) + coalesce(answer_tokens, 0)) as tokens
          from darkroom.description where created >= ${from}::text::timestamptz
          group by host, model order by host, model`,
      );
    },
  };
}
