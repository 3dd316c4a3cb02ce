import { z } from 'zod';
import type { PhotoKey } from '../../domain/face-store.ts';
import type { NamedPerson, Person } from '../../domain/person.ts';
import type { Sql } from './connection.ts';
import { id } from './rows.ts';

export const personRow = z.object({
  id,
  name: z.string().nullable(),
  notes: z.string(),
  entityId: z.string().nullable(),
  birthDate: z.string().nullable(),
  hidden: z.boolean(),
  coverFace: id.nullable(),
});

/** Of a person `p`. The chosen face counts while it is theirs. */
export const personColumns = (sql: Sql) => sql`
  p.id, p.name, p.notes, p.entity_id, to_char(p.birth_date, 'YYYY-MM-DD') as birth_date, p.hidden,
  (select c.id from darkroom.face_detection c where c.id = p.cover_face and c.person_id = p.id) as cover_face`;

export function personOf(row: z.output<typeof personRow>): Person {
  const { id: personId, name, notes, entityId, birthDate, hidden, coverFace } = row;
  return {
    personId,
    ...(name !== null && { name }),
    notes,
    ...(entityId !== null && { entityId }),
    ...(birthDate !== null && { birthDate }),
    hidden,
    ...(coverFace !== null && { coverFace }),
  };
}

export const namedRow = z.object({ id, name: z.string(), birthDate: z.string().nullable() });

/** People with a name on one photo who are not hidden, each once, from left to right. */
export const peopleOn = (sql: Sql, { contentHash, model }: PhotoKey) => sql`
  select p.id, p.name, to_char(p.birth_date, 'YYYY-MM-DD') as birth_date
  from darkroom.face_detection f join darkroom.person p on p.id = f.person_id
  where f.content_hash = ${contentHash} and (f.source = 'manual' or f.model = ${model})
    and p.name is not null and not p.hidden
  group by p.id order by min(f.x + f.width / 2), p.id`;

export const namedPersonOf = ({ id: personId, name, birthDate }: z.output<typeof namedRow>): NamedPerson => ({
  personId,
  name,
  ...(birthDate !== null && { birthDate }),
});
