import { openImmichWays, type ImmichWay } from '../../adapters/immich-ways.ts';
import type { Finding } from '../../domain/checkup.ts';
import { isDomainError } from '../../domain/errors.ts';
import type { ImmichRecord } from '../../domain/immich-store.ts';
import type { ImmichAccount } from '../../domain/immich.ts';
import { clock } from '../../domain/pause.ts';
import type { Settings } from '../../runtime/config.ts';
import type { DatabaseTarget } from '../../runtime/database/target.ts';
import { isReadableOnTheWay } from '../../runtime/host-address.ts';
import { immichAccess } from '../../runtime/immich-settings.ts';
import { databaseFindings } from './immich-database.ts';
import { permissionFindings } from './immich-permissions.ts';
import { knownImmichs } from './immich-rows.ts';

export interface ImmichPlace {
  readonly settings: Settings;
  /** Of Darkroom; absent where nothing runs and DATABASE_URL is not set. */
  readonly target: DatabaseTarget | undefined;
  readonly signal: AbortSignal;
  /** Milliseconds for each question. */
  readonly limitMs?: number;
}

/** Every Immich of the settings: is it there, whose is the key, may it do what is wanted, and what of its library is known? */
export async function immichs({ settings, target, signal, limitMs = 10_000 }: ImmichPlace): Promise<Finding[]> {
  const records = await knownImmichs(target);
  const isWanted = settings.IMMICH_API_URL !== undefined || settings.IMMICH_DB_URL !== undefined;
  if (!isWanted) return records.length === 0 ? [] : [withoutSettings(records)];
  const ways = await openImmichWays(immichAccess(settings));
  try {
    const limit = () => AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
    const looks = await Promise.all(
      ways.map((way, at) => lookAt(way, { settings, records, limit, name: nameOf(settings, at) })),
    );
    return [
      ...looks.flatMap(({ findings }) => findings),
      ...sameOwner(looks.map(({ account }) => account)),
      ...withoutKey(
        records,
        ways,
        looks.every(({ account }) => account !== undefined),
      ),
      ...openSecrets(settings, ways[0]?.root),
    ];
  } finally {
    await Promise.all(ways.map(({ immich }) => immich.close()));
  }
}

interface Looking {
  readonly settings: Settings;
  readonly records: readonly ImmichRecord[];
  readonly limit: () => AbortSignal;
  /** Which of the settings' keys or users. */
  readonly name: string;
}

interface Looked {
  readonly findings: readonly Finding[];
  /** Undefined where Immich did not tell. */
  readonly account: ImmichAccount | undefined;
}

async function lookAt(way: ImmichWay, looking: Looking): Promise<Looked> {
  const { settings, records, limit, name } = looking;
  const about = `Immich ${way.root}`;
  const record = records.find(({ keySha }) => keySha === way.keySha);
  try {
    const account = await way.immich.account(limit());
    const { version, userName, recognisesFaces } = account;
    const detail = `version ${version}, photos of ${userName} (${name}), ${facesWords(recognisesFaces, settings)}`;
    const base: Finding[] = [{ about, level: 'ok', detail }];
    const more =
      settings.IMMICH_DB_URL === undefined ? [] : await databaseFindings(way, { settings, about, name, limit });
    return {
      account,
      findings: [...base, ...permissionFindings(about, account, settings), ...more, ...stateFindings(about, record)],
    };
  } catch (error) {
    return { account: undefined, findings: [failed(about, name, error), ...stateFindings(about, record)] };
  }
}

const nameOf = ({ IMMICH_API_KEY: keys, IMMICH_DB_USERS: users, IMMICH_DB_URL }: Settings, at: number): string =>
  IMMICH_DB_URL !== undefined
    ? (users[at] ?? '')
    : keys.length === 1
      ? 'IMMICH_API_KEY'
      : `key ${at + 1} of IMMICH_API_KEY`;

const facesWords = (recognises: boolean, { IMMICH_PEOPLE_WAIT: wait }: Settings): string =>
  recognises
    ? `faces are recognised (new photos wait up to ${wait} for them, IMMICH_PEOPLE_WAIT)`
    : 'faces are not recognised there: nobody is waited for';

/** Answers are told with the setting to change; what does not answer at all is away. */
export function failed(about: string, name: string, error: unknown): Finding {
  if (error instanceof Error && error.name === 'TimeoutError') {
    const todo = 'Does Immich run, and is it reachable from here? IMMICH_API_URL (or IMMICH_DB_URL) names it.';
    return { about, level: 'away', detail: `does not answer in time (${name})`, todo };
  }
  const detail = `${name}: ${error instanceof Error ? error.message : String(error)}`;
  if (!isDomainError(error) || error.name === 'ConfigError') return { about, level: 'wrong', detail };
  return { about, level: 'away', detail, todo: 'Darkroom waits for it, as long as it takes.' };
}

function stateFindings(about: string, record: ImmichRecord | undefined): Finding[] {
  if (record === undefined) return [];
  const { name, firstLook, readOnlySince } = record;
  const told: Finding[] = [];
  if (firstLook === 'shown') {
    const todo = `darkroom immich first-look ${name} shows it; darkroom backfill ${name} --go goes on with all of it.`;
    told.push({ about, level: 'note', detail: `the first look at ${name} waits for your word`, todo });
  }
  if (firstLook === 'due')
    told.push({ about, level: 'ok', detail: `the first look at ${name} is under way: nothing is written yet` });
  if (readOnlySince !== undefined) {
    const since = clock(readOnlySince, Date.now());
    const detail = `${name} is read-only: since ${since} it is known that what is written there is wiped again`;
    told.push({ about, level: 'wrong', detail, todo: 'docs/immich.md, "Read-only libraries", has the ways out.' });
  }
  return told;
}

/** One of two keys of the same user is of no use, and the wrong policy may be taken. */
function sameOwner(accounts: readonly (ImmichAccount | undefined)[]): Finding[] {
  const owners = accounts.flatMap((account) => (account === undefined ? [] : [account]));
  const twice = owners.filter(({ userId }, at) => owners.findIndex((one) => one.userId === userId) !== at);
  return twice.map(({ userName }) => {
    const todo = 'Leave one of them away: each user has one library, with one policy.';
    return { about: 'Immich', level: 'wrong', detail: `two keys belong to ${userName}`, todo };
  });
}

function withoutKey(records: readonly ImmichRecord[], ways: readonly ImmichWay[], allTold: boolean): Finding[] {
  // A key that is new may turn out to be the one of a library that is known by an older key.
  if (!allTold) return [];
  const lost = records.filter(({ keySha }) => !ways.some((way) => way.keySha === keySha));
  return lost.map(({ name, root }) => ({
    about: `Immich ${root}`,
    level: 'note',
    detail: `no key of these settings has opened the library ${name} yet: its photos wait`,
    todo: 'Is its key in IMMICH_API_KEY? A new key counts when "darkroom up" has started with it.',
  }));
}

const withoutSettings = (records: readonly ImmichRecord[]): Finding => ({
  about: 'Immich',
  level: 'note',
  detail: `${records.map(({ name }) => name).join(', ')}: this shell has no IMMICH_API_URL, so nothing can be asked`,
  todo: 'Call doctor with the settings that "darkroom up" has.',
});

/** `root` is without what is secret in the address. */
function openSecrets({ IMMICH_DB_URL, IMMICH_TLS_INSECURE }: Settings, root: string | undefined): Finding[] {
  if (root === undefined || IMMICH_DB_URL !== undefined) return [];
  const about = `Immich ${root}`;
  const told: Finding[] = [];
  if (isReadableOnTheWay(root)) {
    const detail = 'the key can be read by whoever is on the way, because the address is http://';
    told.push({ about, level: 'note', detail, todo: 'Use https://, a VPN, or an address at home.' });
  }
  if (IMMICH_TLS_INSECURE === 'on') {
    const detail = 'IMMICH_TLS_INSECURE=on: whoever answers at this address is trusted';
    told.push({
      about,
      level: 'note',
      detail,
      todo: 'IMMICH_TLS_CA names a file with the certificate to trust instead.',
    });
  }
  return told;
}
