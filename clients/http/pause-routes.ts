import { z } from 'zod';
import type { PauseTarget } from '../../domain/kept-pause.ts';
import { firstCharacters, oneLine } from '../../domain/one-line.ts';
import { beginOf, endOf, pausableOf, pause, resume } from '../commands/pause.ts';
import { hostTarget, pauseKept, resumeKept } from '../commands/pause-kept.ts';
import { pauseLater } from '../commands/pause-later.ts';
import { UsageError } from '../usage-error.ts';
import { captured } from './captured.ts';
import { type EngineApi, type GetApi, libraryNamed } from './engine-api.ts';
import { shortText } from './parameters.ts';
import { problem } from './problems.ts';
import { type Route, route } from './route.ts';

/** What `darkroom pause` and `darkroom resume` do. */
export const pauseRoutes = (api: GetApi): readonly Route[] => [pauseRoute(api), resumeRoute(api)];

const target = {
  what: shortText(20)
    .optional()
    .meta({ description: '`describe`, `faces`, `publish` or `all`, which it is where nothing is said.' }),
  library: shortText(200).optional().meta({ description: 'Instead: only the photos of this library.' }),
  host: shortText(300)
    .optional()
    .meta({ description: 'Instead: only this vision host; a part of its address will do.' }),
  force: z.boolean().default(false).meta({ description: "Also over what somebody paused with Temporal's own tools." }),
};

const span = shortText(30).optional();

const pauseBody = z.strictObject({
  ...target,
  for: span.meta({ description: 'How long: `90m`, `2h`, `1h30m`, `2d`.' }),
  until: span.meta({
    description:
      'Or until when: `06:00`, `2026-11-24 06:00`, on the clock of the machine. Neither: until somebody resumes.',
  }),
  in: span.meta({ description: 'Begins later: `2h` from now.' }),
  at: span.meta({ description: 'Or begins at this time.' }),
  reason: shortText(300).optional().meta({ description: 'Shown wherever the pause is.' }),
  by: shortText(100).optional().meta({ description: 'Who you are, for others; the token tells nobody.' }),
});

const pauseShape = z.looseObject({
  by: z.string(),
  why: z.string().optional(),
  since: z.number().optional(),
  until: z.number().optional(),
});
const pausesShape = z.array(pauseShape);

const pauseAnswer = z.object({
  paused: pausesShape.optional(),
  planned: pausesShape.optional().meta({ description: 'Where it begins later.' }),
  replaced: pausesShape,
});

const pauseRoute = (api: GetApi): Route =>
  route({
    method: 'POST',
    path: '/control/pause',
    access: 'token',
    tag: 'Control',
    summary: 'Begin nothing new, until somebody resumes or for a while',
    description: 'What is under way ends; it holds across restarts. The pause that is there is replaced.',
    body: pauseBody,
    returns: { json: pauseAnswer },
    problems: ['not-possible', 'library-missing', 'paused-otherwise'],
    examples: [
      {
        body: { what: 'describe', for: '2h', reason: 'I need the GPU', by: 'anna' },
        answer: {
          paused: [
            {
              queue: 'darkroom-vision',
              by: 'anna',
              why: 'I need the GPU',
              since: 1_732_200_000_000,
              until: 1_732_207_200_000,
            },
          ],
          replaced: [],
        },
      },
      {
        title: 'One library',
        body: { library: 'pictures' },
        answer: {
          paused: [{ by: 'HTTP', since: 1_732_200_000_000, target: { kind: 'library', name: 'pictures' } }],
          replaced: [],
        },
      },
    ],
    async answer({ body: { reason, by, force, what, library, host, ...times } }) {
      const at = await api();
      const { opened } = at;
      const [begin, until] = whenOf(times);
      const about = { by: nameOf(by), reason, until, json: true };
      const one = await targetOf(at, { what, library, host });
      if (one !== undefined && begin !== undefined) throw new UsageError('A pause of one library or host begins now.');
      const { json, exitCode } = await captured(async (out) => {
        if (one !== undefined) return await pauseKept(opened, out, { ...about, target: one });
        const queue = { ...about, what: pausableOf(what ?? 'all'), force };
        return begin === undefined
          ? await pause(opened, out, queue)
          : await pauseLater(opened, out, { ...queue, begin });
      });
      if (exitCode !== 0) throw otherwise(json);
      return { json: pauseAnswer.parse(json) };
    },
  });

const times = [
  ['for', 'until'],
  ['in', 'at'],
] as const;

function whenOf(asked: Readonly<Partial<Record<'for' | 'until' | 'in' | 'at', string | undefined>>>) {
  for (const [one, other] of times) {
    if (asked[one] !== undefined && asked[other] !== undefined)
      throw new UsageError(`Say "${one}" or "${other}", not both.`);
  }
  const now = Date.now();
  const [ends, begins] = [given(asked, ['for', 'until']), given(asked, ['in', 'at'])];
  const begin = beginOf(begins, now);
  return [begin, endOf(ends, now, begin)] as const;
}

const given = <K extends string>(asked: Readonly<Partial<Record<K, string | undefined>>>, names: readonly K[]) => {
  const found: Partial<Record<K, string>> = {};
  for (const name of names) {
    const text = asked[name];
    if (text !== undefined) found[name] = text;
  }
  return found;
};

const nameOf = (by: string | undefined): string => {
  const name = firstCharacters(oneLine(by ?? ''), 60);
  return name === '' ? 'HTTP' : name;
};

const otherwise = (json: unknown) =>
  problem('paused-otherwise', 'Somebody paused it with Temporal\'s own tools. With "force" it is done all the same.', {
    more: z.looseObject({}).parse(json),
  });

interface Named {
  readonly what: string | undefined;
  readonly library: string | undefined;
  readonly host: string | undefined;
}

/** One library or one host, where one was named. */
async function targetOf(at: EngineApi, { what, library, host }: Named): Promise<PauseTarget | undefined> {
  if ([what, library, host].filter((one) => one !== undefined).length > 1) {
    throw new UsageError('Say "what", "library" or "host": of one of the latter, everything is meant.');
  }
  const name = await libraryNamed(at, library);
  if (name !== undefined) return { kind: 'library', name };
  return host === undefined ? undefined : await hostTarget(at.opened, host);
}

const resumeAnswer = z.object({
  resumed: pausesShape,
  next: pausesShape.optional().meta({ description: 'What holds it now all the same, such as a window.' }),
  dropped: pausesShape.optional().meta({ description: 'What was planned.' }),
  left: pausesShape.optional(),
  rests: z
    .array(z.looseObject({ host: z.string() }))
    .optional()
    .meta({ description: 'A host that asked to be left alone is asked again.' }),
});

const resumeRoute = (api: GetApi): Route =>
  route({
    method: 'POST',
    path: '/control/resume',
    access: 'token',
    tag: 'Control',
    summary: 'Go on with what was paused, and drop what is planned',
    body: z.strictObject(target),
    returns: { json: resumeAnswer },
    problems: ['not-possible', 'library-missing', 'paused-otherwise'],
    examples: [
      {
        body: { what: 'describe' },
        answer: {
          resumed: [{ queue: 'darkroom-vision', by: 'anna', since: 1_732_200_000_000 }],
          left: [],
          next: [],
          dropped: [],
        },
      },
    ],
    async answer({ body: { what, library, host, force } }) {
      const at = await api();
      const one = await targetOf(at, { what, library, host });
      const { json, exitCode } = await captured(async (out) =>
        one === undefined
          ? await resume(at.opened, out, { what: pausableOf(what ?? 'all'), force, json: true })
          : await resumeKept(at.opened, out, { target: one, json: true }),
      );
      if (exitCode !== 0) throw otherwise(json);
      return { json: resumeAnswer.parse(json) };
    },
  });
