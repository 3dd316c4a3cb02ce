/** A file that begins and ends as a JPEG does, with `length` bytes between. */
export const jpegLike = (length: number, fill = 1): Buffer =>
  Buffer.concat([Buffer.from([0xff, 0xd8]), Buffer.alloc(length, fill), Buffer.from([0xff, 0xd9])]);
