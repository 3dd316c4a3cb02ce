import { z } from 'zod';
import { foldName } from '../../domain/person.ts';
import type { Database } from './connection.ts';
import { id } from './rows.ts';

const taggedRow = z.object({ hash: z.string(), keywords: z.array(z.string()) });
const personRow = z.object({ id, folded: z.string() });

/** Whom the keywords in photos' files name: ids of people, by content hash; photos whose keywords name nobody are left out. */
export const createTaggedPeople =
  ({ database }: { database: Database }) =>
  async (contentHashes: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>> => {
    const tagged = await database.rows(
      taggedRow,
      (sql, json) => sql`
        select hash, to_jsonb(keywords) as keywords from darkroom.content
        where hash in (select jsonb_array_elements_text(${json([...new Set(contentHashes)])})) and cardinality(keywords) > 0`,
    );
    const names = new Set(tagged.flatMap(({ keywords }) => keywords.map(foldName)));
    if (names.size === 0) return new Map();
    const people = await database.rows(
      personRow,
      (sql, json) => sql`
        select id, name_folded as folded from darkroom.person
        where merged_into is null and name_folded in (select jsonb_array_elements_text(${json([...names])}))`,
    );
    const byName = new Map(people.map((person) => [person.folded, person.id]));
    const found = tagged.map(({ hash, keywords }): [string, ReadonlySet<string>] => [
      hash,
      new Set(keywords.flatMap((word) => byName.get(foldName(word)) ?? [])),
    ]);
    return new Map(found.filter(([, ids]) => ids.size > 0));
  };
