/**
 * Prompts with `{{name}}` for a value and `[[…]]` around text that vanishes where a value in it is unknown. What stays is
 * decided by the template alone; values come in last and in one go, so that none of them can change its structure.
 */

/** What stands for an unknown value outside of `[[…]]`. */
const unknown = 'unknown';
/** Stands for a section that vanished; templates lose theirs first. */
const mark = '\0';

const slots = /\{\{([^{}]*)\}\}/g;
/** The innermost brackets: what is inside holds none. */
const sections = /\[\[((?:(?!\[\[|\]\])[^])*)\]\]/g;
/** What is written like a name: `{{"a": 1}}` in an example of JSON is none. */
const nameLike = /^[\p{L}\p{N}_ .-]{1,40}$/u;

/** Names in the order of their first use, each once, known or not. */
export function namesIn(template: string): readonly string[] {
  const names = [...template.matchAll(slots)].map(([, inside = '']) => inside.trim());
  return [...new Set(names.filter((name) => nameLike.test(name)))];
}

/** Are there brackets that enclose nothing that could be unknown, or that have no partner? */
export const hasStrayBrackets = (template: string, known: ReadonlySet<string>): boolean =>
  /\[\[|\]\]/.test(template.replace(sections, (whole, inside: string) => (uses(inside, known) ? '' : whole)));

/** `values` holds every known name; what is undefined in it is unknown. A name that it does not hold stays as it is written. */
export function fillTemplate(template: string, values: ReadonlyMap<string, string | undefined>): string {
  const known = new Set(values.keys());
  const isComplete = (text: string) =>
    namesIn(text).every((name) => !known.has(name) || values.get(name) !== undefined);
  const kept = template
    .replaceAll(mark, '')
    .replace(sections, (whole, inside: string) => (uses(inside, known) ? (isComplete(inside) ? inside : mark) : whole));
  return withoutMarks(kept)
    .replace(slots, (whole, inside: string) =>
      known.has(inside.trim()) ? (values.get(inside.trim()) ?? unknown) : whole,
    )
    .trim();
}

const uses = (text: string, known: ReadonlySet<string>): boolean => namesIn(text).some((name) => known.has(name));

/** A line of which nothing is left vanishes with its line break; elsewhere the spaces before the section do. */
const withoutMarks = (text: string): string =>
  text
    .replace(/^[^\S\n]*(?:\0[^\S\n]*)+(?:\n|$)/gm, '')
    .replace(/^[^\S\n]*(?:\0[^\S\n]*)+/gm, '')
    .replace(/[^\S\n]*\0/g, '');
