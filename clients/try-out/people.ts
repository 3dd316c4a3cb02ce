import { connect } from '../../adapters/postgres/connection.ts';
import { createFaceStore } from '../../adapters/postgres/face-store.ts';
import { peopleTold } from '../../domain/face-people.ts';
import type { PromptFacts } from '../../domain/recipe.ts';
import { postgresOptions } from '../../runtime/database/target.ts';
import type { Run } from '../../runtime/run-file.ts';

export interface TryPeople {
  /** The facts of a photo with who is on it, as far as the `darkroom up` that runs knows that. */
  withPeople(contentHash: string, facts: PromptFacts): Promise<PromptFacts>;
  close(): Promise<void>;
}

/** Who is on the photos that are tried; nobody where no `darkroom up` runs. */
export function tryPeople(run: Run | undefined, model: string): TryPeople {
  if (run === undefined) return { withPeople: async (_hash, facts) => facts, close: async () => undefined };
  const database = connect(postgresOptions(run.database, { max: 1 }), { max: 1 });
  const faces = createFaceStore({ database });
  return {
    async withPeople(contentHash, facts) {
      const people = peopleTold(await faces.peopleOf({ contentHash, model }), facts);
      return people.length === 0 ? facts : { ...facts, people };
    },
    close: () => database.close(),
  };
}
