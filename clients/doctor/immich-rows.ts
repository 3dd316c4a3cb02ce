import { connect } from '../../adapters/postgres/connection.ts';
import { createImmichStore } from '../../adapters/postgres/immich-store.ts';
import type { ImmichRecord } from '../../domain/immich-store.ts';
import { type DatabaseTarget, postgresOptions } from '../../runtime/database/target.ts';

/** What our rows know of Immich libraries; nothing where the database is away or has no tables yet, which is told elsewhere. */
export async function knownImmichs(target: DatabaseTarget | undefined): Promise<readonly ImmichRecord[]> {
  if (target === undefined) return [];
  const database = connect(postgresOptions(target, { max: 1 }), { max: 1, limitMs: 5_000 });
  try {
    return await createImmichStore({ database }).libraries();
  } catch {
    return [];
  } finally {
    await database.close();
  }
}
