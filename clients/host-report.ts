import { z } from 'zod';
import { hostReportFreshMs, hostReportKey } from '../domain/host-report.ts';
import type { WantedHashes } from '../domain/wanted-recipes.ts';
import type { Opened } from './open.ts';

const host = z.looseObject({
  host: z.string(),
  api: z.string().default('ollama'),
  role: z.string().default('primary'),
  model: z.string(),
  /** Name of the model in descriptions. */
  canonical: z.string(),
  state: z.string(),
  detail: z.string(),
  busy: z.number(),
  slots: z.number(),
  /** Answered since the engine began. */
  calls: z.number().default(0),
  simulated: z.boolean().default(false),
  loaded: z.boolean().optional(),
  tokensToday: z.number().optional(),
  tokensPerDay: z.number().optional(),
  requestsPerMinute: z.number().optional(),
  price: z.object({ promptPerMillion: z.number(), answerPerMillion: z.number(), currency: z.string() }).optional(),
});

const report = z.object({ hosts: z.array(host), faces: z.array(host).default([]) });

const wanted = z.object({
  recipeHash: z.string(),
  recipeHashes: z.record(z.string(), z.string()).default({}),
  keepOutdated: z.boolean().default(false),
});
const leftOut = z.object({ ignore: z.array(z.string()) });

export type ReportedHost = z.infer<typeof host>;

/** The vision hosts as the engine sees them; empty where it has not told for a while. */
export const reportedHosts = async (from: Pick<Opened, 'facts'>): Promise<readonly ReportedHost[]> =>
  (await reported(from))?.hosts ?? [];

/** The same of face services; empty where none is set up, too. */
export const reportedFaces = async (from: Pick<Opened, 'facts'>): Promise<readonly ReportedHost[]> =>
  (await reported(from))?.faces ?? [];

async function reported({ facts }: Pick<Opened, 'facts'>): Promise<z.infer<typeof report> | undefined> {
  const fact = await facts.get(hostReportKey);
  if (fact === undefined || Date.now() - fact.updated >= hostReportFreshMs) return undefined;
  return report.safeParse(fact.value).data;
}

/** The recipes that the engine wants, as it last told; undefined where none ever did. */
export async function wantedRecipes({ facts }: Pick<Opened, 'facts'>): Promise<WantedHashes | undefined> {
  return hashesIn(await told(facts));
}

/** The recipes under which passes write once more what has another one; undefined where they leave that as it is. */
export async function recipesOfPasses({ facts }: Pick<Opened, 'facts'>): Promise<WantedHashes | undefined> {
  const last = await told(facts);
  return last?.keepOutdated === true ? undefined : hashesIn(last);
}

const told = async (facts: Opened['facts']) => wanted.safeParse((await facts.get(hostReportKey))?.value).data;

const hashesIn = (last: z.infer<typeof wanted> | undefined): WantedHashes | undefined =>
  last && { usual: last.recipeHash, libraries: last.recipeHashes };

/** Patterns of what the engine leaves out of libraries, as it last told: a shell may have other settings. */
export async function ignoredPatterns({ facts }: Pick<Opened, 'facts'>): Promise<readonly string[] | undefined> {
  const fact = await facts.get(hostReportKey);
  return leftOut.safeParse(fact?.value).data?.ignore;
}

/** What is wrong with a host, with its name; empty when well. */
export const troubleOf = ({ host, detail }: ReportedHost): string =>
  detail === '' || detail.startsWith(host) ? detail : `${host}: ${detail}`;
