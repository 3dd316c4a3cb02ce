import { immichAddress } from '../../adapters/immich-db/address.ts';
import type { Layout } from '../../adapters/immich-db/layout.ts';
import { createSession } from '../../adapters/immich-db/session.ts';
import type { ImmichWay } from '../../adapters/immich-ways.ts';
import { connect } from '../../adapters/postgres/connection.ts';
import type { Finding } from '../../domain/checkup.ts';
import type { Settings } from '../../runtime/config.ts';

interface Looking {
  readonly settings: Settings;
  readonly about: string;
  /** E-mail address or id. */
  readonly name: string;
  readonly limit: () => AbortSignal;
}

/** Database mode: which tables Immich has, whether what is written there lasts, and whether previews can be read. */
export async function databaseFindings(way: ImmichWay, looking: Looking): Promise<Finding[]> {
  const { about } = looking;
  const unsupported: Finding = {
    about,
    level: 'note',
    detail: "Immich's own database is used, which Immich does not support: any upgrade of Immich may end it",
    todo: 'IMMICH_API_URL is the supported way (docs/immich-database.md).',
  };
  return [unsupported, ...(await layoutFindings(looking)), await previewFinding(way, looking)];
}

async function layoutFindings({ settings, about, name, limit }: Looking): Promise<Finding[]> {
  const url = settings.IMMICH_DB_URL?.reveal();
  if (url === undefined) return [];
  const database = connect(immichAddress(url), { max: 1, limitMs: 5_000 });
  try {
    const { layout } = await createSession({ database, user: name }).known(limit());
    return [{ about, level: 'ok', detail: `tables: ${layoutWords(layout)}` }, ...lockFinding(about, layout)];
  } finally {
    await database.close();
  }
}

function layoutWords({ personOfFace }: Layout): string {
  if (personOfFace === 'personGroupId') return 'as of 3.2 (groups of people)';
  return personOfFace === 'personId' ? 'as up to 3.1' : 'without people that are known to this version of Darkroom';
}

/** Without it the next reading of the file wipes the text (sheet 3.2). */
function lockFinding(about: string, { canLock }: Layout): Finding[] {
  if (canLock) return [{ about, level: 'ok', detail: 'descriptions are written under the lock for edited fields' }];
  const detail = 'asset_exif has no lockedProperties: what is written would be wiped, so nothing is';
  return [{ about, level: 'wrong', detail, todo: 'Upgrade Immich to 2.4 or newer.' }];
}

const looked = 50;

async function previewFinding({ immich }: ImmichWay, { settings, about, limit }: Looking): Promise<Finding> {
  const map = settings.IMMICH_MEDIA_MAP.map(({ theirs, ours }) => `${theirs}=${ours}`).join(',');
  try {
    const { assets } = await immich.page({ cursor: undefined, limit: looked, signal: limit() });
    const one = assets.find(({ hasPreview }) => hasPreview);
    if (one === undefined) {
      return { about, level: 'note', detail: `no photo with a preview yet: IMMICH_MEDIA_MAP (${map}) cannot be tried` };
    }
    const bytes = await immich.preview(one, limit());
    if (bytes !== undefined) return { about, level: 'ok', detail: `previews can be read (${map})` };
    const todo = 'Is thumbs/ of Immich mounted there? IMMICH_MEDIA_MAP says where.';
    return { about, level: 'wrong', detail: `the preview of ${one.originalFileName} is not there (${map})`, todo };
  } catch (error) {
    const todo = 'IMMICH_MEDIA_MAP says where the folders of Immich are here, for example /data=/mnt/immich.';
    const detail = error instanceof Error ? error.message : String(error);
    return { about, level: 'wrong', detail, ...(!detail.includes('IMMICH_MEDIA_MAP') && { todo }) };
  }
}
