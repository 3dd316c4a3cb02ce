import { z } from 'zod';
import { ConfigError, type DomainError, TransientError } from '../../domain/errors.ts';
import { excerpt, inWords, parseJson } from '../vision-http/error-text.ts';
import { waitOf } from '../vision-http/retry-after.ts';
import type { RawAnswer } from './connection.ts';
import { type PermissionName, purposeOf } from './permissions.ts';

/** What was asked, for messages. */
export interface Asked {
  /** The address without credentials. */
  readonly server: string;
  /** What the call needs; undefined where any key will do. */
  readonly needs: PermissionName | undefined;
  /** An Immich answered at this address before: what answers now stands before it, or it is being restarted. */
  readonly wasThere: boolean;
  /** Milliseconds since 1970: Retry-After may be a date. */
  readonly now: number;
}

/** Version 2 says a text or a list of texts, version 3 a text and a list beside it (sheet 5.1). */
const refusal = z.object({
  message: z.union([z.string(), z.array(z.string()).transform((texts) => texts.join('; '))]),
  errors: z.array(z.object({ message: z.string() })).catch([]),
});

/** What Immich says to a refusal; undefined where it was not Immich who refused. */
export function saidBy({ body }: Pick<RawAnswer, 'body'>): string | undefined {
  const { data } = refusal.safeParse(parseJson(body.toString('utf8')));
  return data === undefined ? undefined : [data.message, ...data.errors.map(({ message }) => message)].join('; ');
}

const whereAddressIs = 'IMMICH_API_URL';

/** Something answers that is no Immich: for good where it never was one, else for now. */
export function notImmich({ server, wasThere }: Asked, what: string): DomainError {
  return wasThere
    ? new TransientError('ImmichUnavailable', `${server} answers ${what} instead of Immich (${whereAddressIs}).`)
    : new ConfigError(
        'ImmichNotThere',
        `${server} is no Immich: it answers ${what}. Check ${whereAddressIs}, and whether a proxy or a sign-in page stands between.`,
      );
}

export const unavailable = (server: string, what: string, options?: ErrorOptions & { retryAfterMs?: number }) =>
  new TransientError('ImmichUnavailable', `Immich at ${server} ${what}.`, options);

/** Whose fault a refusal is. The statuses that are an answer to a question (gone, no such route) are told apart before. */
export function faultOf(answer: RawAnswer, asked: Asked): DomainError {
  const { status } = answer;
  const said = saidBy(answer);
  if (status >= 300 && status < 400)
    return notImmich(asked, `with a redirect to ${redirectedTo(answer, asked.server)}`);
  if (status === 429 || status >= 500 || status === 408 || status === 425) return busy(answer, asked, said);
  if (status === 413) return tooLong(asked.server);
  if (said === undefined) return notImmich(asked, `${status} ${inWords(answer.body.toString('utf8'))}`);
  if (status === 401) return keyUnknown(asked.server, said);
  if (status === 403) return keyRefused(asked, said);
  if (status === 404 || status === 405) return noRoute(asked.server, said);
  if (status === 409 || status === 423)
    return unavailable(asked.server, `cannot do it now (${status}): ${excerpt(said)}`);
  return new ConfigError(
    'BadRequest',
    `Immich at ${asked.server} refuses our request (${status}): ${excerpt(said)}. No photo is to blame; please report this, with the version of Immich.`,
  );
}

const tooLong = (server: string) =>
  new ConfigError(
    'BadRequest',
    `${server} does not take a request of this length (413). Immich itself takes 10 MB: raise the limit of the proxy before it.`,
  );

function busy(answer: RawAnswer, { server, now }: Asked, said: string | undefined): TransientError {
  const { status, retryAfter, body } = answer;
  const wait = waitOf({ retryAfter }, now);
  const words = said === undefined ? inWords(body.toString('utf8')) : excerpt(said);
  const what = status === 429 ? 'wants to be asked more slowly' : 'failed';
  return unavailable(server, `${what} (${status}): ${words}`, wait === undefined ? {} : { retryAfterMs: wait });
}

const keyUnknown = (server: string, said: string) =>
  new ConfigError(
    'ImmichKeyRefused',
    `Immich at ${server} does not take the key (401: ${excerpt(said)}). Make one in Immich under Account Settings, API Keys, and set IMMICH_API_KEY.`,
  );

/** The name that Immich says goes before the one that we expected: later versions may want another one. */
function keyRefused({ server, needs }: Asked, said: string): ConfigError {
  const named = /permission:?\s+([a-z]+[\w.]*\.\w+)/i.exec(said)?.[1] ?? needs;
  const permission = named === undefined ? 'a permission' : `the permission ${named}`;
  const purpose = needs !== undefined && (named === needs || named === undefined) ? ` for ${purposeOf(needs)}` : '';
  return new ConfigError(
    'ImmichKeyRefused',
    `The key lacks ${permission}${purpose} (403 from Immich at ${server}: ${excerpt(said)}). Add it to the key in Immich, or set another IMMICH_API_KEY.`,
  );
}

const noRoute = (server: string, said: string) =>
  new ConfigError(
    'ImmichNotThere',
    `${server} does not know this part of Immich's API (${excerpt(said)}). Darkroom wants Immich 2.5 or newer; check IMMICH_API_URL too.`,
  );

/** Origin and path: the query may hold a session. */
function redirectedTo({ location }: Pick<RawAnswer, 'location'>, server: string): string {
  const url = URL.parse(location, server);
  return url === null || !/^https?:$/.test(url.protocol) ? 'somewhere else' : excerpt(`${url.origin}${url.pathname}`);
}
