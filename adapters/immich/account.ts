import { z } from 'zod';
import type { ImmichAccount } from '../../domain/immich.ts';
import { answered, type ImmichApi } from './api.ts';

const userAnswer = z.object({ id: z.string().min(1).toLowerCase(), name: z.string().catch('') });
const keyAnswer = z.object({ permissions: z.array(z.string()) });
const versionAnswer = z.object({ major: z.int(), minor: z.int(), patch: z.int() });
const featuresAnswer = z.object({ facialRecognition: z.boolean().catch(false) });
const pingAnswer = z.object({ res: z.literal('pong') });

export const pingServer = async (api: ImmichApi, signal: AbortSignal): Promise<void> =>
  void answered(await api.json({ method: 'GET', path: '/server/ping', needs: undefined, signal }, pingAnswer));

export const readUser = async (api: ImmichApi, signal: AbortSignal): Promise<z.output<typeof userAnswer>> =>
  answered(await api.json({ method: 'GET', path: '/users/me', needs: 'user.read', signal }, userAnswer));

/** The key first: it tells of a key that is refused, whatever the key may do. */
export async function readAccount(api: ImmichApi, signal: AbortSignal): Promise<ImmichAccount> {
  const get = async <T>(path: string, schema: z.ZodType<T>): Promise<T> =>
    answered(await api.json({ method: 'GET', path, needs: undefined, signal }, schema));
  const { permissions } = await get('/api-keys/me', keyAnswer);
  const [user, { major, minor, patch }, { facialRecognition }] = await Promise.all([
    readUser(api, signal),
    get('/server/version', versionAnswer),
    get('/server/features', featuresAnswer),
  ]);
  return {
    userId: user.id,
    userName: user.name,
    version: `${major}.${minor}.${patch}`,
    permissions,
    recognisesFaces: facialRecognition,
  };
}
