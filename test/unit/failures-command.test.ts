import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listFailures } from '../../clients/commands/failures.ts';
import { type RetryDeps, retryFailures, type RetryOptions } from '../../clients/commands/retry.ts';
import { createOutput } from '../../clients/output.ts';
import type { FailureFilter } from '../../domain/failures.ts';

interface Fake {
  readonly photos: number;
  /** Asset ids whose run is open. */
  readonly open?: readonly string[];
  readonly recipeHash?: string;
}

const asset = (at: number) => ({ assetId: String(at), library: 'pictures', path: `2024/summer holiday/IMG_${at}.jpg` });

/** Photos 1 to `photos` are parked. */
function fake({ photos, open = [], recipeHash }: Fake) {
  const started: { assetId: string; priority: number }[] = [];
  const filters: FailureFilter[] = [];
  const all = Array.from({ length: photos }, (_, at) => ({ asset: asset(at + 1), rawPath: Buffer.from(`${at + 1}`) }));
  const deps: RetryDeps = {
    failures: {
      async groups(filter) {
        if (filter.code === 'Nonsense' || photos === 0) return [];
        const reason = 'The model refused to answer, twice, in a sentence that is longer than a narrow terminal.';
        return [{ code: 'Refused', count: photos, steps: ['describe'], reason, at: Date.now(), example: asset(1) }];
      },
      newest: async (_, limit) =>
        all
          .slice(0, limit)
          .map(({ asset }) => ({ asset, step: 'describe', code: 'Refused', reason: 'no', at: Date.now() })),
      async count(filter) {
        filters.push(filter);
        return filter.code === 'Nonsense' ? 0 : photos;
      },
      page: async (_, { after, limit }) =>
        all.filter(({ asset: { assetId } }) => Number(assetId) > Number(after ?? 0)).slice(0, limit),
    },
    facts: {
      get: async () => ({ value: { hosts: [], recipeHash }, updated: 0 }),
      put: async () => undefined,
    },
    assets: { libraries: async () => [{ id: '1', name: 'pictures', root: '/p' }], countWaiting: async () => 0 },
    photos: {
      async startNew({ asset: { assetId }, priority }) {
        if (open.includes(assetId)) return false;
        started.push({ assetId, priority });
        return true;
      },
      countOpen: async () => started.length,
    },
  };
  return { deps, started, filters };
}

const plain: RetryOptions = {
  wanted: {},
  limit: undefined,
  yes: false,
  json: false,
  ask: undefined,
  progress: () => undefined,
  signal: new AbortController().signal,
};

async function retried(some: Fake, options: Partial<RetryOptions> = {}) {
  const { deps, ...seen } = fake(some);
  const parts: string[] = [];
  const out = createOutput({ write: (text) => parts.push(text), columns: 200 });
  const code = await retryFailures(deps, out, { ...plain, ...options });
  return { code, said: parts.join(''), ...seen };
}

test('every parked photo is started once, as a re-run, and one whose run is open is left alone', async () => {
  const { code, said, started } = await retried({ photos: 5, open: ['2'] });
  assert.deepEqual(
    started,
    ['1', '3', '4', '5'].map((assetId) => ({ assetId, priority: 5 })),
  );
  assert.equal(code, 0);
  assert.match(said, /^4 photos are tried again, 1 had a run already and was left alone\n/);
});

test('more than 20 are asked for: no means no, and where nobody can be asked it has to be said', async () => {
  const questions: string[] = [];
  const answer = (yes: boolean) => async (question: string) => {
    questions.push(question);
    return yes;
  };
  const no = await retried({ photos: 21 }, { ask: answer(false) });
  assert.deepEqual([no.code, no.started.length, no.said], [1, 0, 'Nothing was started.\n']);
  assert.equal((await retried({ photos: 21 }, { ask: answer(true) })).started.length, 21);
  assert.equal((await retried({ photos: 20 }, { ask: answer(false) })).started.length, 20);
  assert.deepEqual(questions, ['Try 21 photos again?', 'Try 21 photos again?']);
  await assert.rejects(retried({ photos: 21 }), { name: 'UsageError', message: /21 photos again.*--yes/ });
  assert.equal((await retried({ photos: 21 }, { yes: true })).started.length, 21);
});

test('a limit is kept over several pages', async () => {
  const { started, said } = await retried({ photos: 400 }, { limit: 230, yes: true });
  assert.equal(started.length, 230);
  assert.match(said, /^230 photos/);
});

test('what Ctrl-C leaves is said, and the exit code is not that of success', async () => {
  const stop = new AbortController();
  const { code, said, started } = await retried(
    { photos: 300 },
    { yes: true, signal: stop.signal, progress: (text) => text.startsWith('150 ') && stop.abort() },
  );
  assert.equal(code, 1);
  assert.ok(started.length >= 150 && started.length < 160, String(started.length));
  assert.match(said, /Interrupted: the rest was not started\. The same command goes on/);
});

test('a code that nobody has is answered with those that there are', async () => {
  const { code, said } = await retried({ photos: 3 }, { wanted: { code: 'Nonsense' } });
  assert.deepEqual([code, said], [0, 'No parked photo is like that. Parked are: 3 Refused\n']);
  assert.equal((await retried({ photos: 0 })).said, 'No photo needs you.\n');
});

test('a library that is not there is a mistake, and a recipe is the one that the engine told', async () => {
  await assert.rejects(retried({ photos: 1 }, { wanted: { library: 'nix' } }), /no library called nix\. .*: pictures/);
  await assert.rejects(retried({ photos: 1 }, { wanted: { recipe: 'other' } }), /which recipe is wanted/);
  const { filters } = await retried({ photos: 1, recipeHash: 'abc' }, { wanted: { recipe: 'other' } });
  assert.deepEqual(filters, [{ recipe: { which: 'other', wanted: { usual: 'abc', libraries: {} } } }]);
});

test('the list has each code with its number, its reason and a photo, and fits a narrow terminal', async () => {
  const { deps } = fake({ photos: 3 });
  const parts: string[] = [];
  const out = createOutput({ write: (text) => parts.push(text), columns: 40 });
  await listFailures(deps, out, { wanted: { code: 'refused' }, limit: 2, json: false });
  const lines = parts.join('').split('\n');
  assert.ok(
    lines.every((line) => line.length <= 40),
    parts.join(''),
  );
  const text = lines.map((line) => line.trim()).join(' ');
  assert.match(text, /^3 photos need you {2}3 Refused, at describe, the latest 1 min ago The model refused/);
  assert.match(text, /for example pictures\/2024\/summer holiday\/IMG_1\.jpg/);
  assert.match(text, /IMG_2\.jpg 1 min ago … and 1 more/);
});
