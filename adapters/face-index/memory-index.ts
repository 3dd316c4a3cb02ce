import type { FaceIndex } from '../../domain/face-index.ts';
import type { FaceVectors } from '../../domain/face-store.ts';
import { createVectorTable } from './vector-table.ts';

/** 2 MB of vectors. */
const pageSize = 1_000;

interface MemoryIndexDeps {
  readonly model: string;
  readonly vectors: Pick<FaceVectors, 'page' | 'position' | 'changes'>;
}

/**
 * In this process: made from the rows at the first refresh, then kept up by what changed. Nothing of it is kept on a disk: reading
 * 100,000 faces again takes seconds (docs/decisions/face-index.md).
 */
export function createMemoryIndex({ model, vectors }: MemoryIndexDeps): FaceIndex {
  const table = createVectorTable();
  /** Where changes are to be asked for; and how far the first reading got, so that a fault in it costs a page. */
  let since: string | undefined;
  let after: string | undefined;
  let isRead = false;
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<void> | undefined;

  async function readAll(): Promise<void> {
    since ??= await vectors.position();
    while (!isRead) {
      const page = await vectors.page({ model, limit: pageSize, ...(after !== undefined && { after }) });
      for (const face of page) table.put(face);
      after = page.at(-1)?.faceId ?? after;
      isRead = page.length < pageSize;
    }
  }

  async function readChanges(): Promise<void> {
    for (;;) {
      const { changed, removed, next, isLast } = await vectors.changes({ model, since: since ?? '0', limit: pageSize });
      for (const face of changed) table.put(face);
      for (const faceId of removed) table.remove(faceId);
      since = next;
      if (isLast) return;
    }
  }

  async function read(): Promise<void> {
    await readAll();
    await readChanges();
  }

  return {
    model,
    kind: 'memory',
    nearest: async (query) => Promise.resolve(table.nearest(query)),
    // One that is under way may have looked before that was written what the caller waits for: the next one comes after it.
    refresh: () =>
      (next ??= last.then(() => {
        next = undefined;
        const reading = read();
        last = reading.catch(() => undefined);
        return reading;
      })),
  };
}
