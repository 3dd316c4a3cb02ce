import { z } from 'zod';
import { foldName } from '../../domain/person.ts';
import type { Database } from './connection.ts';
import { id } from './rows.ts';

const taggedRow = z.object({ hash: z.string(), keywords: z.array(z.string()) });
const personRow = z.object({ id, folded: z.string() });

/** Whom the tags of photos name. */
export interface TaggedPeople {
  /** Ids of people who are called like one of these words. */
  readonly named: (words: readonly string[]) => Promise<ReadonlySet<string>>;
  /** The same by the keywords in photos' files, by content hash; photos whose keywords name nobody are left out. */
  readonly of: (contentHashes: readonly string[]) => Promise<ReadonlyMap<string, ReadonlySet<string>>>;
}

export function createTaggedPeople({ database }: { database: Database }): TaggedPeople {
  /** By folded name. */
  const idsOf = async (words: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    const names = [...new Set(words.map(foldName))];
    if (names.length === 0) return new Map();
    const people = await database.rows(
      personRow,
      (sql, json) => sql`
        select id, name_folded as folded from darkroom.person
        where merged_into is null and name_folded in (select jsonb_array_elements_text(${json(names)}))`,
    );
    return new Map(people.map((person) => [person.folded, person.id]));
  };
  return {
    named: async (words) => new Set((await idsOf(words)).values()),
    of: async (contentHashes) => {
      const tagged = await database.rows(
        taggedRow,
        (sql, json) => sql`
          select hash, to_jsonb(keywords) as keywords from darkroom.content
          where hash in (select jsonb_array_elements_text(${json([...new Set(contentHashes)])})) and cardinality(keywords) > 0`,
      );
      const ids = await idsOf(tagged.flatMap(({ keywords }) => keywords));
      const found = tagged.map(({ hash, keywords }): [string, ReadonlySet<string>] => [
        hash,
        new Set(keywords.flatMap((word) => ids.get(foldName(word)) ?? [])),
      ]);
      return new Map(found.filter(([, people]) => people.size > 0));
    },
  };
}
