import sharp from 'sharp';

/** A scene of a few shapes, 4:3, as an upright JPEG with the long side that photos are sent with. Made when it is first asked for. */
export function createDrawing(longSide: number): () => Promise<Buffer> {
  let drawn: Promise<Buffer> | undefined;
  return () => (drawn ??= draw(longSide, Math.round((longSide * 3) / 4)));
}

async function draw(width: number, height: number): Promise<Buffer> {
  const scene = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 64 48">
    <rect width="64" height="48" fill="#9cc4e4"/><rect y="30" width="64" height="18" fill="#4f8a4b"/>
    <circle cx="50" cy="11" r="6" fill="#f4d35e"/><path d="M10 34v-10l8-6 8 6v10z" fill="#b5533c"/></svg>`;
  return await sharp(Buffer.from(scene)).jpeg({ quality: 85 }).toBuffer();
}
