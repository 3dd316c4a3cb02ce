import { z } from 'zod';

/** What comes in a path or a query is text; these say what else it must be, and the OpenAPI says it in its own words. */

/** zod leaves the default of what it transforms out of a JSON Schema; under this name it stays. */
export const usualKey = 'x-default';

const mostDigits = 9;

/** A whole number, in decimal digits only: no `1e3`, no `0x10`, no blank. `usual` where it is absent. */
export const wholeNumber = (bounds: { readonly least: number; readonly most: number; readonly usual: number }) =>
  z
    .string()
    .regex(new RegExp(`^\\d{1,${mostDigits}}$`), 'a whole number')
    .transform(Number)
    .pipe(z.number().min(bounds.least).max(bounds.most))
    .meta({
      type: 'integer',
      minimum: bounds.least,
      maximum: bounds.most,
      [usualKey]: bounds.usual,
      pattern: undefined,
    })
    .default(bounds.usual);

/** Ids are bigints of the database, from 1, as text. */
export const idText = (of: string) =>
  z
    .string()
    .regex(/^[1-9]\d{0,17}$/, 'an id: decimal digits')
    .meta({ description: `The id of ${of}.` });

/** The path of a route that is about one thing. */
export const idPath = (of: string) => z.object({ id: idText(of) });

export const yesOrNo = (usual: boolean) =>
  z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .meta({ type: 'boolean', enum: undefined, [usualKey]: usual })
    .default(usual);

/** One line of what somebody typed; what counts is that it ends somewhere. */
export const shortText = (most: number) => z.string().min(1).max(most);
