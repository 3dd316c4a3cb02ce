/** What goes into a jsonb parameter: fresh plain objects. Absent fields are left out. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [field: string]: Json | undefined;
}

/**
 * Text that Postgres can store: it has no NUL in text and no half of a surrogate pair in JSON. Models and EXIF fields
 * bring both.
 */
export const storable = (text: string): string => {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return whole.includes('\0') ? whole.replaceAll('\0', '') : whole;
};

/** A copy with every text made storable and absent fields left out. */
export function storableJson(value: Json): Json {
  if (typeof value === 'string') return storable(value);
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map(storableJson);
  const fields: Record<string, Json> = {};
  for (const [name, field] of Object.entries(value)) {
    if (field !== undefined) fields[name] = storableJson(field);
  }
  return fields;
}

const isList = (value: object): value is readonly Json[] => Array.isArray(value);
