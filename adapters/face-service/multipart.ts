import { randomUUID } from 'node:crypto';

export interface Form {
  readonly contentType: string;
  readonly body: Buffer;
}

/** A form with text fields and a picture as the file `image`, as bytes: it can be sent twice. Names and values are our own. */
export function formWithPicture(fields: Readonly<Record<string, string>>, jpeg: Buffer): Form {
  const boundary = `darkroom-${randomUUID()}`;
  const part = (about: string) => `--${boundary}\r\ncontent-disposition: form-data; ${about}\r\n`;
  const texts = Object.entries(fields).map(([name, value]) => `${part(`name="${name}"`)}\r\n${value}\r\n`);
  const picture = `${part('name="image"; filename="photo.jpg"')}content-type: image/jpeg\r\n\r\n`;
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([Buffer.from(texts.join('') + picture), jpeg, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}
