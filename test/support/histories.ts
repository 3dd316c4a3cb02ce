import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** A folder per release, whose histories are never changed again, and `next` for what the next release would write. */
export const historiesFolder = fileURLToPath(new URL('../replay/histories', import.meta.url));
export const nextRelease = 'next';

const historySchema = z.looseObject({
  events: z.array(z.looseObject({ eventId: z.string(), eventType: z.string() })).min(1),
});

export type RecordedHistory = z.infer<typeof historySchema>;

export const parseHistory = (text: string): RecordedHistory => historySchema.parse(JSON.parse(text));

export interface Recorded {
  /** Release and file name without its ending: `0.1.0/process-asset.gone`. */
  readonly name: string;
  readonly history: RecordedHistory;
}

/** All histories in the folder. Throws where there is none: then nothing would be proved. */
export async function readHistories(folder: string): Promise<readonly Recorded[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.json')).sort();
  if (names.length === 0) throw new Error(`No recorded histories in ${folder}: npm run record:replay makes them.`);
  return await Promise.all(
    names.map(async (name) => ({
      name: name.slice(0, -'.json'.length),
      history: parseHistory(await readFile(path.join(folder, name), 'utf8')),
    })),
  );
}
