const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Ids come from histories, file names and people; to Postgres, what is no uuid is an error and not a row that is not there. */
export const isUuid = (text: string): boolean => uuid.test(text);
