import { randomUUID } from 'node:crypto';
import type { ImmichTables, TableLayout } from './immich-db-tables.ts';

/** The column that leads from a face to a person, and holds the id that the API has for the person. */
export const faceColumn = (layout: TableLayout): string => (layout === '3.2' ? 'personGroupId' : 'personId');

interface Person {
  readonly name: string;
  readonly birthDate?: string;
  readonly isHidden?: boolean;
}

/** A person of this user: in 3.2 their name for a group of faces that users share. */
export async function addPersonRow({ sql, layout }: ImmichTables, owner: string, person: Person): Promise<string> {
  const { name, birthDate = null, isHidden = false } = person;
  const id = randomUUID();
  if (layout === '3.2') {
    await sql`insert into person_group (id, "clusterGroupId")
      select ${id}, "clusterGroupId" from "user" where id = ${owner}`;
    await sql`insert into person ${sql({ personGroupId: id, ownerId: owner, name, birthDate, isHidden })}`;
  } else await sql`insert into person ${sql({ id, ownerId: owner, name, birthDate, isHidden })}`;
  return id;
}
