import { createImmichLibrary } from '../../adapters/immich/library.ts';
import { startScriptedImmich, type ScriptedImmich } from './immich/server.ts';
import type { NewAsset } from './immich/new-rows.ts';
import type { ImmichWorld, WorldAsset } from './immich-world.ts';

/** The scripted Immich over HTTP, as one version of it. */
export async function restWorld(version: string): Promise<ImmichWorld> {
  const immich = await startScriptedImmich({
    version,
    users: [{ name: 'Ana' }, { name: 'Partner' }],
    jobDelayMs: null,
  });
  const { user: me } = immich;
  const partner = immich.users[1] ?? me;
  immich.sharePhotos(partner.id, me.id);
  const library = createImmichLibrary({ apiUrl: immich.url, key: me.key });
  const external = immich.addLibrary(me.id, false);
  return {
    library,
    userId: me.id,
    userName: me.name,
    version,
    async addAsset(asset = {}) {
      const id = immich.addAsset(asset.owner === 'partner' ? partner.id : me.id, newAsset(asset, external));
      addPreviews(immich, id, asset);
      return id;
    },
    addPerson: async ({ name, ...more }) => immich.addPerson(me.id, name, more),
    async recognise(person, assets) {
      for (const id of assets) immich.recognise(id, person);
    },
    renamePerson: async (person, name) => immich.changePerson(person, { name }),
    addAlbum: async ({ name, assets }) => immich.addAlbum(me.id, name, assets),
    tag: async (asset, tags) => immich.tagByPerson(asset, tags),
    tagsOf: async (asset) => immich.tags(asset),
    editByPerson: async (asset, text) => immich.editByPerson(asset, text),
    descriptionOf: async (asset) => immich.description(asset),
    makePreview: async (asset, bytes) => immich.setPreview(asset, bytes.toString('base64')),
    trash: async (asset) => immich.trash(asset),
    remove: async (asset) => immich.remove(asset),
    settle: async () => void immich.runJobs(),
    async close() {
      await library.close();
      await immich.stop();
    },
  };
}

/** In the scripted server's words. Its `localDateTime` is always that of UTC; another one is laid over its answers. */
function newAsset(asset: WorldAsset, external: string): NewAsset {
  const { owner: _owner, preview, editedPreview: _edited, isExternal = false, isRead = true, ...said } = asset;
  const { exif = {}, localDateTime, fileBytes, description, ...plain } = said;
  return {
    ...plain,
    ...(description !== undefined && { humanText: description }),
    libraryId: isExternal ? external : null,
    exif: { ...exif, ...(fileBytes !== undefined && { fileSizeInByte: fileBytes }) },
    ...(preview === null && { previewInMs: null }),
    ...(!isRead && { extractedInMs: null }),
    ...(localDateTime !== undefined && { odd: { asset: { localDateTime: new Date(localDateTime).toISOString() } } }),
  };
}

function addPreviews(immich: ScriptedImmich, id: string, { preview, editedPreview }: WorldAsset): void {
  if (preview !== null) immich.setPreview(id, (preview ?? Buffer.from(`preview of ${id}`)).toString('base64'));
  if (editedPreview !== undefined) immich.setPreview(id, editedPreview.toString('base64'), true);
}
