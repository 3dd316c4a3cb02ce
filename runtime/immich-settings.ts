import { z } from 'zod';
import { httpUrl, list, number, oneOf, secret, span, text, variable } from './setting-kinds.ts';

/** A container's path, and where it is here: `/data=/mnt/immich`. */
const pathPair = z
  .string()
  .regex(/^\/[^=]*=\/.*$/, 'is not two absolute paths with = between them, such as /data=/mnt/immich')
  .transform((pair) => ({ theirs: pair.slice(0, pair.indexOf('=')), ours: pair.slice(pair.indexOf('=') + 1) }));

const postgresUrl = z.url({ protocol: /^postgres(ql)?$/, error: 'is not a postgres:// address' });

/** Every setting of Immich libraries, in the order of `.env.example`. */
export const immichSettings = {
  IMMICH_API_URL: variable(httpUrl.optional()),
  IMMICH_API_KEY: variable(
    z
      .string()
      .default('')
      .transform(list)
      .transform((keys) => keys.map(secret)),
  ),
  OVERWRITE_POLICY: variable(
    z
      .string()
      .default('none')
      .transform(list)
      .pipe(z.array(oneOf('none', 'all', 'missing-ai', 'preserve-human')).min(1)),
  ),
  IMMICH_LANGUAGE: variable(
    z
      .string()
      .default('')
      .transform(list)
      .pipe(z.array(z.string().min(2).max(40))),
  ),
  DESCRIPTION_WRAPPER: variable(oneOf('off', 'ai').default('off')),
  DESCRIPTION_IGNORE: variable(z.string().default('OLYMPUS DIGITAL CAMERA').transform(list)),
  FIRST_LOOK: number(20, 0, 100),
  IMMICH_VIDEOS: variable(oneOf('off', 'on').default('off')),
  IMMICH_TAGS: variable(oneOf('off', 'on').default('off')),
  IMMICH_FACES: variable(oneOf('auto', 'on', 'off').default('auto')),
  IMMICH_PEOPLE_WAIT: span('10m', '0s', '7d'),
  IMMICH_PREVIEW_WAIT: span('6h', '1m', '30d'),
  IMMICH_POLL_SEC: number(60, 0, 86_400),
  IMMICH_VERIFY_MIN: number(10, 0, 1_440),
  IMMICH_WEBHOOK_URL: variable(httpUrl.optional()),
  IMMICH_TLS_CA: text,
  IMMICH_TLS_INSECURE: variable(oneOf('off', 'on').default('off')),
  IMMICH_DB_URL: variable(postgresUrl.transform(secret).optional()),
  IMMICH_DB_USERS: variable(z.string().default('').transform(list)),
  IMMICH_MEDIA_MAP: variable(z.string().default('').transform(list).pipe(z.array(pathPair))),
} as const;

const immichSchema = z.object(immichSettings);

/** What is wrong with settings that are right one by one. */
export function immichConflicts(settings: z.infer<typeof immichSchema>): string[] {
  const { IMMICH_API_URL, IMMICH_API_KEY: keys, OVERWRITE_POLICY: policies, IMMICH_LANGUAGE: languages } = settings;
  const { IMMICH_DB_URL, IMMICH_DB_USERS: users, IMMICH_MEDIA_MAP: media } = settings;
  const owners = IMMICH_DB_URL === undefined ? keys.length : users.length;
  return [
    ...(IMMICH_API_URL !== undefined && keys.length === 0 && IMMICH_DB_URL === undefined
      ? [
          '  IMMICH_API_KEY: names no key, and IMMICH_API_URL is set; make one in Immich under Account Settings, API Keys',
        ]
      : []),
    ...(IMMICH_API_URL === undefined && keys.length > 0
      ? ['  IMMICH_API_URL: is not set, and IMMICH_API_KEY is; for example http://immich:2283']
      : []),
    ...(policies.length > 1 && policies.length !== owners
      ? [`  OVERWRITE_POLICY: names ${policies.length} policies for ${owners} users; one for all, or one for each`]
      : []),
    ...(languages.length > 1 && languages.length !== owners
      ? [`  IMMICH_LANGUAGE: names ${languages.length} languages for ${owners} users; one for all, or one for each`]
      : []),
    ...(IMMICH_DB_URL !== undefined && users.length === 0
      ? ['  IMMICH_DB_USERS: names nobody, and IMMICH_DB_URL is set; the e-mail addresses of the users to describe']
      : []),
    ...(IMMICH_DB_URL !== undefined && media.length === 0
      ? ['  IMMICH_MEDIA_MAP: is not set, and IMMICH_DB_URL is; for example /data=/mnt/immich']
      : []),
  ];
}

/** How Immich is reached, without the wrapping of secrets: only for what opens the way to it (adapters/immich-ways.ts). */
export const immichAccess = (settings: z.infer<typeof immichSchema>) => ({
  apiUrl: settings.IMMICH_API_URL,
  keys: settings.IMMICH_API_KEY.map((key) => key.reveal()),
  caFile: settings.IMMICH_TLS_CA,
  insecure: settings.IMMICH_TLS_INSECURE === 'on',
  database:
    settings.IMMICH_DB_URL === undefined
      ? undefined
      : {
          url: settings.IMMICH_DB_URL.reveal(),
          users: settings.IMMICH_DB_USERS,
          media: settings.IMMICH_MEDIA_MAP,
        },
  policies: settings.OVERWRITE_POLICY,
  languages: settings.IMMICH_LANGUAGE,
});
