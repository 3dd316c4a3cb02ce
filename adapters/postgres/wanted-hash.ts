import type { WantedHashes } from '../../domain/wanted-recipes.ts';
import type { Sql, Statement } from './connection.ts';

/** Hash of the recipe that is wanted in the library `l`; null where nobody knows. */
export function wantedHashOf(sql: Sql, json: Parameters<Statement>[1], wanted: WantedHashes | undefined) {
  if (wanted === undefined) return sql`null::text`;
  // The rows of most people are compared with one value, and none is looked up.
  if (Object.keys(wanted.libraries).length === 0) return sql`${wanted.usual}::text`;
  return sql`coalesce(${json({ ...wanted.libraries })}::jsonb ->> l.name, ${wanted.usual}::text)`;
}
