import { z } from 'zod';
import { assetStates } from '../../domain/asset.ts';
import { librariesNow } from '../progress-report.ts';
import { statusAsJson, statusNow } from '../status-now.ts';
import type { GetApi } from './engine-api.ts';
import { libraryShape, someCounts } from './photo-shapes.ts';
import { problem } from './problems.ts';
import { type Route, route } from './route.ts';

/** How things stand: once, and as it goes. */
export const statusRoutes = (api: GetApi): readonly Route[] => [
  librariesRoute(api),
  statusRoute(api),
  eventsRoute(api),
];

const librariesRoute = (api: GetApi): Route =>
  route({
    method: 'GET',
    path: '/libraries',
    access: 'token',
    tag: 'Photos',
    summary: 'The libraries, with their photos by state',
    returns: { json: z.object({ libraries: z.array(libraryShape) }) },
    examples: [
      {
        answer: {
          libraries: [
            {
              id: '1',
              name: 'pictures',
              kind: 'folder',
              root: '/home/anna/pictures',
              counts: someCounts,
              scanning: false,
            },
          ],
        },
      },
    ],
    async answer() {
      const { opened } = await api();
      const libraries = await librariesNow(opened);
      return {
        json: {
          libraries: libraries.map(({ kind, ...library }) => ({ ...library, kind: kind ?? ('folder' as const) })),
        },
      };
    },
  });

const statusShape = z
  .looseObject({
    version: z.string(),
    startedAt: z.number(),
    perMinute: z.number().meta({ description: 'Descriptions per minute, lately.' }),
    libraries: z.array(z.looseObject({ counts: z.record(z.enum(assetStates), z.number()), scanning: z.boolean() })),
    hosts: z.array(z.looseObject({ host: z.string(), state: z.string(), slots: z.number(), busy: z.number() })),
    pauses: z
      .array(z.looseObject({ queue: z.string(), by: z.string() }))
      .nullable()
      .meta({
        description: 'Null while Temporal does not answer.',
      }),
    waiting: z.array(z.looseObject({ library: z.string(), reason: z.string(), count: z.number() })),
    parked: z.array(z.looseObject({ code: z.string(), count: z.number(), reason: z.string() })),
  })
  .meta({ id: 'Status' });

const statusRoute = (api: GetApi): Route =>
  route({
    method: 'GET',
    path: '/status',
    access: 'token',
    tag: 'Control',
    summary: 'How far everything is, how the hosts are, what waits and why',
    description: 'What `darkroom status --json` says.',
    returns: { json: statusShape },
    examples: [
      {
        answer: {
          version: '0.1.0',
          startedAt: 1_732_200_000_000,
          perMinute: 12.5,
          libraries: [
            {
              library: { id: '1', name: 'pictures', root: '/home/anna/pictures' },
              counts: someCounts,
              scanning: false,
            },
          ],
          hosts: [{ host: 'http://localhost:11434', state: 'ready', slots: 1, busy: 1 }],
          pauses: [],
          waiting: [],
          parked: [],
        },
      },
    ],
    async answer() {
      const { opened, run } = await api();
      return { json: statusShape.parse(statusAsJson(await statusNow({ ...opened, run: await run() }))) };
    },
  });

const progressShape = z.object({
  libraries: z.array(libraryShape.pick({ name: true, counts: true, scanning: true, inFolder: true, eta: true })),
  perMinute: z.number(),
  pauses: z.array(z.string()),
});
const troubleShape = z.object({ trouble: z.string() });

const eventsRoute = (api: GetApi): Route =>
  route({
    method: 'GET',
    path: '/events',
    access: 'token',
    tag: 'Control',
    summary: 'Progress as it goes, as server-sent events',
    description:
      'An event `progress` at once and at each change, once a second at most; `trouble` while nothing can be told; a comment ' +
      'every 15 seconds where nothing changes. It goes on until you leave. As each event tells everything, `Last-Event-ID` ' +
      'is not needed.',
    returns: { events: z.union([progressShape, troubleShape]) },
    problems: ['too-many-listeners'],
    examples: [
      {
        answer: {
          libraries: [{ name: 'pictures', counts: someCounts, scanning: true, inFolder: 1_250 }],
          perMinute: 12.5,
          pauses: [],
        },
      },
    ],
    async answer({ signal }) {
      const { progress } = await api();
      const events = progress.listen(signal);
      if (events !== undefined) return { events };
      const headers = { 'retry-after': '30' };
      throw problem('too-many-listeners', `${progress.listeners()} listen already.`, { headers });
    },
  });
