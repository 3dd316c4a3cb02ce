/** What the other side says that it has, of `If-None-Match`: tags in quotes, strong or weak. */
export function tagsOf(header: string | undefined): ReadonlySet<string> {
  const tags = (header ?? '').split(',');
  return new Set(tags.map((tag) => tag.trim().replace(/^W\//, '')));
}
