import { type Command, Option } from 'commander';
import { sha256 } from '../../runtime/sha256.ts';
import type { Opened } from '../open.ts';
import type { Output } from '../output.ts';
import { wholeNumber } from '../try-out/wishes.ts';
import { UsageError } from '../usage-error.ts';
import type { Common, Shell } from './shell.ts';
import { asker, progress } from './terminal.ts';

const usualPeople = 50;
const usualFaces = 20;

/** `darkroom people`: who is on the photos. */
export function addPeople(shell: Shell): void {
  const people = shell.command('people', 'who is on the photos: lists people, names, merges and tells them apart');
  people.addHelpText('after', examples);
  const add: Add = (name, about, isDefault = false) =>
    people
      .command(name, { isDefault })
      .description(about)
      .option('--json', 'for programs')
      .option('--data-dir <folder>', 'the data folder of the running "darkroom up" (DARKROOM_DATA_DIR)');
  addList(shell, add);
  addShow(shell, add);
  addName(shell, add);
  addMerge(shell, add);
  addUnmerge(shell, add);
  addSuggest(shell, add);
  addCluster(shell, add);
  addStats(shell, add);
}

type Add = (name: string, about: string, isDefault?: boolean) => Command;

const examples = `
People are said by their name, or by the number that the list shows; faces as f12, merges as m5.

Examples:
  darkroom people                              named ones first, then whom nobody has named
  darkroom people show 17                      the photos and faces of one
  darkroom people name 17 "Anna Berg"
  darkroom people name f240 Anna               this face is Anna
  darkroom people merge 21 Anna                21 is Anna, too
  darkroom people suggest --accept f12 f19`;

const limit = (usual: number) => new Option('--limit <number>', `so many at most (${usual})`).argParser(wholeNumber);

function addList({ running, out }: Shell, add: Add): void {
  type Options = Common & { library?: string; named?: boolean; unnamed?: boolean; hidden?: boolean; limit?: number };
  add('list', 'people with a name, then those without, with their faces and photos', true)
    .argument('[words]', 'only whose name has this in it')
    .option('--library <name>', 'only on photos of one library')
    .addOption(new Option('--named', 'only those with a name').conflicts('unnamed'))
    .option('--unnamed', 'only those whom nobody has named')
    .option('--hidden', 'hidden ones too')
    .addOption(limit(usualPeople))
    .action(async (words: string | undefined, _: Options, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const { library, named, unnamed, hidden = false, limit: most = usualPeople, json = false } = options;
      const { listPeople } = await import('../commands/people-list.ts');
      const only = named === true ? 'named' : unnamed === true ? 'unnamed' : undefined;
      const asked = { library, words, only, hidden, limit: most, json } as const;
      await running(options, (opened) => listPeople(opened, out, asked));
    });
}

function addShow({ running, out }: Shell, add: Add): void {
  type Options = Common & { limit?: number };
  add('show', 'all that is known of one person: photos, faces, merges')
    .argument('<person>', 'a name or a number')
    .addOption(limit(usualFaces))
    .action(async (who: string, _: Options, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const { limit: most = usualFaces, json = false } = options;
      const { showPerson } = await import('../commands/people-show.ts');
      await running(options, (opened) => showPerson(opened, out, { who, limit: most, json }));
    });
}

type Redescribe = Common & { redescribe?: boolean };
const redescribe = ['--redescribe', 'describe their photos again now, behind everything else'] as const;

/** Each library gets a backfill of its own; what it says is said here in one line for all. */
function redoIn(opened: Opened, { redescribe: isAsked = false }: Redescribe, signal: AbortSignal) {
  if (!isAsked) return undefined;
  const quiet: Output = { line: () => undefined, json: () => undefined, columns: 100 };
  const usual = { limit: undefined, sample: undefined, level: undefined, dryRun: false, json: false };
  return async (library: string, personIds: readonly string[]): Promise<boolean> => {
    const { startBackfill } = await import('../commands/backfill.ts');
    const flags = { redo: 'people', person: personIds };
    const asked = { ...usual, name: library, flags, sha256, progress, signal };
    return (await startBackfill(opened, quiet, asked)) ?? true;
  };
}

function addName({ running, out, interrupted: signal }: Shell, add: Add): void {
  type Options = Redescribe & { none?: boolean };
  add('name', 'says who somebody is, or whose a face is')
    .argument('<who>', 'a person by name or number, or a face as f12')
    .argument('[name]', 'the new name')
    .option('--none', 'takes the name away; of a face: it is nobody that is known')
    .option(...redescribe)
    .action(async (who: string, name: string | undefined, _: Options, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      if ((name === undefined) !== (options.none === true)) {
        throw new UsageError('What is the name? darkroom people name <who> <name>, or --none to take it away.');
      }
      const { namePerson } = await import('../commands/people-name.ts');
      const rest = { json: options.json ?? false };
      await running(options, (opened) =>
        namePerson(opened, out, { who, name, ...rest, redo: redoIn(opened, options, signal) }),
      );
    });
}

function addMerge({ running, out, interrupted: signal }: Shell, add: Add): void {
  type Options = Redescribe & { dryRun?: boolean; yes?: boolean };
  add('merge', 'says that several people are one; can be taken back')
    .argument('<people...>', 'who they are, the one that stays last')
    .option('--dry-run', 'only says what it would do')
    .option('--yes', 'without a question')
    .option(...redescribe)
    .action(async (who: readonly string[], _: Options, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const { dryRun = false, yes = false, json = false } = options;
      const { mergePeople } = await import('../commands/people-merge.ts');
      const rest = { json };
      await running(options, async (opened) => {
        process.exitCode = await mergePeople(opened, out, {
          who,
          dryRun,
          yes,
          ask: asker(signal),
          ...rest,
          redo: redoIn(opened, options, signal),
        });
      });
    });
}

function addUnmerge({ running, out, interrupted: signal }: Shell, add: Add): void {
  add('unmerge', 'takes a merge back: everybody has the faces again that they had')
    .argument('<merge>', 'as m5, or one of its people where there is only one merge')
    .option(...redescribe)
    .action(async (what: string, _: Redescribe, command: Command) => {
      const options = command.optsWithGlobals<Redescribe>();
      const { unmergePeople } = await import('../commands/people-merge.ts');
      const rest = { json: options.json ?? false };
      await running(options, (opened) =>
        unmergePeople(opened, out, { what, ...rest, redo: redoIn(opened, options, signal) }),
      );
    });
}

function addSuggest({ running, out }: Shell, add: Add): void {
  type Options = Common & { library?: string; limit?: number; accept?: string[]; reject?: string[] };
  add('suggest', 'faces that are like somebody and not sure to be theirs, and your word on them')
    .argument('[person]', 'only those that are like this one')
    .option('--accept <face...>', 'yes, that is them: faces as f12')
    .option('--reject <face...>', 'no, that is somebody else')
    .option('--library <name>', 'only on photos of one library')
    .addOption(limit(usualFaces))
    .action(async (who: string | undefined, _: Options, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const { library, limit: most = usualFaces, accept = [], reject = [], json = false } = options;
      const { suggestPeople } = await import('../commands/people-suggest.ts');
      await running(options, (opened) =>
        suggestPeople(opened, out, { who, library, limit: most, accept, reject, json }),
      );
    });
}

function addCluster({ running, out, interrupted: signal }: Shell, add: Add): void {
  add('cluster', 'looks now whose the faces are that nobody has; by itself that is done every few minutes').action(
    async (_: Common, command: Command) => {
      const options = command.optsWithGlobals<Common>();
      const { clusterPeople } = await import('../commands/people-cluster.ts');
      await running(options, async (opened) => {
        process.exitCode = await clusterPeople(opened, out, { json: options.json ?? false, progress, signal });
      });
    },
  );
}

function addStats({ running, out }: Shell, add: Add): void {
  type Options = Common & { library?: string };
  add('stats', 'how many faces and people are known')
    .option('--library <name>', 'only of one library')
    .action(async (_: Options, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const { library, json = false } = options;
      const { peopleStats } = await import('../commands/people-stats.ts');
      await running(options, (opened) => peopleStats(opened, out, { library, json }));
    });
}
