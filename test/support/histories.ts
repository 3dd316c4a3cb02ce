import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

export const historiesFolder = fileURLToPath(new URL('../replay/histories', import.meta.url));

const historySchema = z.looseObject({
  events: z.array(z.looseObject({ eventId: z.string(), eventType: z.string() })).min(1),
});

export type RecordedHistory = z.infer<typeof historySchema>;

export const parseHistory = (text: string): RecordedHistory => historySchema.parse(JSON.parse(text));

export interface Recorded {
  /** File name without its ending: `process-asset.gone`. */
  readonly name: string;
  readonly history: RecordedHistory;
}

/** All histories in the folder. Throws where there is none: then nothing would be proved. */
export async function readHistories(folder: string): Promise<readonly Recorded[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  if (names.length === 0) throw new Error(`No recorded histories in ${folder}: npm run record:replay makes them.`);
  return await Promise.all(
    names.map(async (name) => ({
      name: path.basename(name, '.json'),
      history: parseHistory(await readFile(path.join(folder, name), 'utf8')),
    })),
  );
}
