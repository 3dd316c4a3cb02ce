import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { connect, type Database } from '../../adapters/postgres/connection.ts';
import { PeopleError } from '../../domain/person.ts';
import { facesOfPerson, peopleStores } from '../support/people-scene.ts';
import { migratedDatabase } from '../support/stores.ts';

let database: Database;
before(async () => {
  const { address } = await migratedDatabase();
  database = connect(address, { max: 4, limitMs: 60_000 });
});
after(() => database.close());

const peopleCount = 5;
const nth = fc.nat({ max: peopleCount - 1 });
const person = fc.record({
  isNamed: fc.boolean(),
  notes: fc.constantFrom('', '', 'same', 'other'),
  birthDate: fc.option(fc.constantFrom('1984-02-29', '2001-01-01'), { nil: undefined }),
});
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('merge' as const), source: nth, target: nth }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('unmerge' as const), which: fc.nat({ max: 9 }) }) },
);

test('whatever is merged and taken back in whatever order: faces are with the heir, and in the end all is as it was', async () => {
  const stores = peopleStores(database);
  const { people, merges } = stores;
  let round = 0;
  const look = async (ids: readonly string[]) =>
    await Promise.all(
      ids.map(async (id) => ({ person: await people.find(id), faces: await facesOfPerson(stores, id) })),
    );

  await fc.assert(
    fc.asyncProperty(
      fc.array(person, { minLength: peopleCount, maxLength: peopleCount }),
      fc.array(step, { minLength: 1, maxLength: 12 }),
      fc.infiniteStream(fc.nat({ max: 99 })),
      async (wanted, steps, dice) => {
        round += 1;
        const ids: string[] = [];
        for (const [place, { isNamed, notes, birthDate }] of wanted.entries()) {
          const name = isNamed ? { name: `Person ${round} ${place}` } : {};
          const { personId } = await people.create({ ...name, notes, ...(birthDate !== undefined && { birthDate }) });
          await stores.crowd(personId, 2);
          ids.push(personId);
        }
        const before = await look(ids);
        /** By id of the merge: who became whom, while it holds. */
        const holding = new Map<string, { source: string; target: string }>();
        const heirOf = (id: string): string => {
          const target = [...holding.values()].find(({ source }) => source === id)?.target;
          return target === undefined ? id : heirOf(target);
        };
        const checkHolders = async () => {
          const expected = new Map<string, string[]>(ids.map((id) => [id, []]));
          for (const [place, id] of ids.entries()) expected.get(heirOf(id))?.push(...(before[place]?.faces ?? []));
          for (const [id, faces] of expected) {
            assert.deepEqual((await facesOfPerson(stores, id)).sort(), faces.sort(), `faces of person ${id}`);
          }
        };
        const takeBack = async (which: number) => {
          const mergeId = [...holding.keys()][which % holding.size];
          if (mergeId === undefined) return;
          await merges.unmerge(mergeId);
          holding.delete(mergeId);
        };

        for (const one of steps) {
          if (one.kind === 'unmerge') await takeBack(one.which);
          else {
            const [source = '', target = ''] = [ids[one.source], ids[one.target]];
            const possible = source !== target && heirOf(source) === source && heirOf(target) === target;
            const repeated = [...holding.values()].some((held) => held.source === source && held.target === target);
            const answer = merges.merge({ sources: [source], target });
            if (possible) for (const { mergeId } of await answer) holding.set(mergeId, { source, target });
            else if (repeated && heirOf(target) === target) assert.equal((await answer)[0]?.isNew, false);
            else await assert.rejects(answer, PeopleError);
          }
          await checkHolders();
        }
        while (holding.size > 0) await takeBack(dice.next().value ?? 0);
        assert.deepEqual(await look(ids), before);
      },
    ),
    { numRuns: 25 },
  );
});
