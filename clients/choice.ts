import type { PhotoSelection, Which } from '../domain/selection.ts';
import type { Place } from './library-place.ts';
import { UsageError } from './usage-error.ts';

/** What a person said of the photos they mean. */
export interface ChoiceFlags {
  readonly glob?: string | undefined;
  readonly from?: string | undefined;
  readonly before?: string | undefined;
  readonly camera?: string | undefined;
  readonly only?: string | undefined;
  readonly redo?: string | undefined;
}

/** The selection behind the flags, in this place; `faceModel` is the one that finds faces. Throws UsageError that says what can be written. */
export function choiceOf(flags: ChoiceFlags, { library, folder }: Place, faceModel: string): PhotoSelection {
  const { glob, from, before, camera } = flags;
  if (library.kind === 'immich' && glob?.includes('/') === true) {
    throw new UsageError(
      `--glob "${glob}" names folders, and ${library.name} is an Immich library, which has none: --album <name>, or a glob ` +
        'for file names without a slash.',
    );
  }
  return {
    which: whichOf(flags, faceModel),
    ...(folder !== '' && { folder }),
    ...(glob !== undefined && { glob: wordOf(glob, '--glob') }),
    ...(from !== undefined && { takenFrom: timeOf(from, '--from') }),
    ...(before !== undefined && { takenBefore: timeOf(before, '--before') }),
    ...(camera !== undefined && { camera: wordOf(camera, '--camera') }),
  };
}

function whichOf({ only, redo }: ChoiceFlags, faceModel: string): Which {
  if (only !== undefined && redo !== undefined)
    throw new UsageError('Either --only or --redo: they exclude each other.');
  if (redo === 'people') return { kind: 'written', people: 'changed' };
  if (redo !== undefined) return writtenBy(redo);
  if (only === undefined) return { kind: 'wanted' };
  const [kind = '', code] = split(only);
  if (kind === 'undescribed' && code === undefined) return { kind };
  if (kind === 'faceless' && code === undefined) return { kind, faceModel };
  if (kind === 'parked') return code === undefined ? { kind } : { kind, code };
  throw new UsageError(`--only is undescribed, faceless, parked, or parked=<code>, not "${only}".`);
}

const shortestHash = 4;

function writtenBy(redo: string): Which {
  const [what = '', value = ''] = split(redo);
  if (value !== '') {
    if (what === 'model') return { kind: 'written', model: value };
    if (what === 'backfill') return { kind: 'written', backfill: value };
    if (what === 'recipe' && value.length >= shortestHash && /^[0-9a-f]+$/.test(value)) {
      return { kind: 'written', recipe: value };
    }
  }
  throw new UsageError(
    `--redo is people, model=<name>, backfill=<id>, or recipe=<at least ${shortestHash} hex digits of its hash>, not "${redo}". ` +
      '"darkroom trace <photo> --json" shows the model and recipe of a photo, "darkroom backfills" the ids.',
  );
}

const split = (text: string): string[] => {
  const at = text.indexOf('=');
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
};

function wordOf(text: string, flag: string): string {
  if (text.trim() === '') throw new UsageError(`${flag} is empty.`);
  return text;
}

const partOfTime = /^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?)?)?)?$/;

function timeOf(text: string, flag: string): string {
  if (!partOfTime.test(text)) {
    throw new UsageError(`${flag} is a year, a month or a day (2024, 2024-05, 2024-05-31), not "${text}".`);
  }
  return text.replace(' ', 'T');
}
