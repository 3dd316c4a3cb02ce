import type { TestContext } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { createPhotos, type Photos } from '../../clients/photos.ts';
import { sha256 } from '../../runtime/sha256.ts';
import type { RunningUp } from './up.ts';

/** What clients may do with photos, on the Temporal server of a running `up`. */
export async function photosOf(t: TestContext, up: RunningUp): Promise<Photos> {
  await up.said(/^ready$/);
  const { address, namespace } = (await up.run()).temporal;
  const connection = await Connection.connect({ address });
  t.after(() => connection.close());
  return createPhotos({ client: new Client({ connection, namespace }), sha256 });
}
