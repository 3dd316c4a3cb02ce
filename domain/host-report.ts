/**
 * Key of the fact under which an engine tells how its vision hosts and face services are, and with which settings it works:
 * the recipe that it wants (`recipeHash`), whether passes keep what other recipes wrote (`keepOutdated`), and what it leaves
 * out of libraries (`ignore`).
 */
export const hostReportKey = 'hosts';

/** Older than this it is not true any more: the engine writes it every few seconds. */
export const hostReportFreshMs = 30_000;
