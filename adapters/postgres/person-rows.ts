import { z } from 'zod';
import type { Person } from '../../domain/person.ts';
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
