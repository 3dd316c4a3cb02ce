const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
/** The web app shows a photo below albums, people, searches and places too; what it is comes last. */
const inLink = new RegExp(`/photos/(${uuid})(?=$|[/?#])`, 'i');
const bare = new RegExp(`^(${uuid})(?=$|/)`, 'i');

export interface NamedAsset {
  /** Lower case. */
  readonly id: string;
  /** `photos.example.org:2283`, where it was named by a link. */
  readonly host?: string;
}

/**
 * The asset of Immich that a person named: by its id, by `<id>/<file name>` as our rows have it, or by a link from the browser.
 * Undefined for anything else, such as a path or a file name.
 */
export function namedAsset(text: string): NamedAsset | undefined {
  const given = text.trim();
  const id = bare.exec(given)?.[1];
  if (id !== undefined) return { id: id.toLowerCase() };
  const host = /^https?:\/\/([^/?#@]+)\//i.exec(given)?.[1];
  const linked = inLink.exec(given)?.[1];
  return host === undefined || linked === undefined ? undefined : { id: linked.toLowerCase(), host };
}
