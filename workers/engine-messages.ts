import { z } from 'zod';

/** What the supervisor and the engine say to each other, over the channel between a process and its child. */

const databaseTargetSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('url'), url: z.string() }),
  z.object({ kind: z.literal('socket'), socketDir: z.string(), user: z.string(), database: z.string() }),
]);

export const toEngineSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('start'),
    database: databaseTargetSchema,
    /** Of the embedded server; absent where the person's own is to be found in Temporal's environment. */
    temporal: z.object({ address: z.string(), namespace: z.string() }).optional(),
    dataDir: z.string(),
    /** Absolute folders asked for now; libraries of earlier runs are in the database. */
    folders: z.array(z.string()),
  }),
  /** The hosts file was changed. The engine reads it itself: secrets do not travel. */
  z.object({ kind: z.literal('reload') }),
  z.object({ kind: z.literal('stop') }),
]);

export type ToEngine = z.infer<typeof toEngineSchema>;
export type StartEngine = Extract<ToEngine, { kind: 'start' }>;

const etaSchema = z.object({ ms: z.number(), hosts: z.number(), unmeasured: z.number() });

/** LibraryProgress of domain/progress.ts, and where the library is. */
const libraryProgressSchema = z.object({
  name: z.string(),
  root: z.string(),
  counts: z.record(z.string(), z.number()),
  outdated: z.object({ done: z.number(), parked: z.number() }).optional(),
  peopleChanged: z.number().optional(),
  scanning: z.boolean(),
  inFolder: z.number().optional(),
  heldBack: z.string().optional(),
  eta: etaSchema.optional(),
});

export const fromEngineSchema = z.discriminatedUnion('kind', [
  /** `libraries`: folders of all of them, those of earlier runs too. `hosts`: which ones it began with, in words. */
  /** `http`: where it serves, if it does. */
  z.object({
    kind: z.literal('ready'),
    libraries: z.array(z.string()),
    hosts: z.string(),
    http: z.object({ url: z.string(), host: z.string() }).optional(),
  }),
  z.object({
    kind: z.literal('progress'),
    libraries: z.array(libraryProgressSchema),
    /** Descriptions finished per minute, over the last ten minutes. */
    perMinute: z.number(),
    /** In words, each pause: what, by whom, why and until when. */
    pauses: z.array(z.string()),
    /** One of them is for all libraries and hosts. */
    isPaused: z.boolean(),
    /** In words, what everything waits for; absent where work goes on. */
    waitingFor: z.string().optional(),
    /** No pass is under way, no run is open, and whoever wants to know was told: a batch ends here. */
    idle: z.boolean(),
  }),
  /** The answer to `reload`, for people. */
  z.object({ kind: z.literal('hosts'), ok: z.boolean(), text: z.string() }),
  /** A line for the person. */
  z.object({ kind: z.literal('notice'), text: z.string() }),
  z.object({ kind: z.literal('refused'), message: z.string() }),
]);

export type FromEngine = z.infer<typeof fromEngineSchema>;
