import { connect } from '../../adapters/postgres/connection.ts';
import { createControlFacts } from '../../adapters/postgres/control-facts.ts';
import { createPublishedQueries } from '../../adapters/postgres/published-queries.ts';
import type { Finding } from '../../domain/checkup.ts';
import { type DatabaseTarget, postgresOptions } from '../../runtime/database/target.ts';
import { lastVerified, roundFindings } from '../immich/published.ts';

/** What became of the texts that were written into Immich. */
export async function writtenTexts(target: DatabaseTarget, everyMin: number): Promise<Finding[]> {
  const database = connect(postgresOptions(target, { max: 1 }), { max: 1, limitMs: 5_000 });
  try {
    const [counts, last] = await Promise.all([
      createPublishedQueries({ database }).published(),
      lastVerified(createControlFacts({ database })),
    ]);
    return roundFindings({ counts, last, everyMin, now: Date.now() });
  } catch {
    // The database is away, or has no tables yet: that is told elsewhere.
    return [];
  } finally {
    await database.close();
  }
}
