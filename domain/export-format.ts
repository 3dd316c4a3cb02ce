import type { ExportRow } from './status.ts';

/** Columns of an export in their order, in both formats. */
const columns = [
  'library',
  'path',
  'state',
  'description',
  'model',
  'host',
  'simulated',
  'recipe',
  'takenAt',
  'promptTokens',
  'answerTokens',
  'ms',
  'created',
  // At the end, so that whoever reads columns by their number goes on to find them.
  'tags',
  'textInImage',
  'safety',
] as const satisfies readonly (keyof ExportRow)[];

/** One JSON object on one line; absent values are `null`, so that every line has the same fields. */
export const jsonLine = (row: ExportRow): string =>
  `${JSON.stringify(Object.fromEntries(columns.map((column) => [column, row[column] ?? null])))}\n`;

export const csvHeader = `${columns.join(',')}\r\n`;

/** RFC 4180; absent values are empty, lists are joined by semicolons. */
export const csvLine = (row: ExportRow): string => `${columns.map((column) => csvField(row[column])).join(',')}\r\n`;

function csvField(field: ExportRow[keyof ExportRow]): string {
  const value = typeof field === 'object' ? field.join(';') : field;
  if (typeof value !== 'string') return value === undefined ? '' : String(value);
  // A spreadsheet runs a field that begins like a formula, and models and file names are outside text.
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
