import { Console } from 'node:console';
import type { Decoded, HeifError } from 'libheif-js/wasm-bundle.js';
import { boxShrink, type Plane } from './box-shrink.ts';

/**
 * The program that decodes one HEIC picture: a file's bytes on stdin, on stdout one line of JSON and then the pixels.
 * Run as `node heic-child.ts <most pixels> <long side>`. It is a process of its own because what it decodes is hostile
 * until shown otherwise: a decoder that hangs or eats its memory ends alone (docs/decisions/heic.md).
 */
export type HeicAnswer =
  | {
      readonly ok: true;
      /** Of the picture in full, upright. */
      readonly fullWidth: number;
      readonly fullHeight: number;
      /** Of the pixels that follow, 8 bits a channel, rows without gaps. */
      readonly width: number;
      readonly height: number;
      readonly channels: number;
    }
  | {
      readonly ok: false;
      readonly fault: 'decoder-missing' | 'too-many-pixels' | 'cut-off' | 'damaged';
      readonly message: string;
    };

type Refusal = Extract<HeicAnswer, { ok: false }>;

// libheif prints its warnings; stdout is for the answer alone.
globalThis.console = new Console(process.stderr);

const [mostPixels = 0, longSide = 0] = process.argv.slice(2).map(Number);
const { answer, pixels } = await decode(await readAll());
process.stdout.write(`${JSON.stringify(answer)}\n`);
process.stdout.end(pixels);

async function readAll(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

async function decode(bytes: Buffer): Promise<{ answer: HeicAnswer; pixels: Uint8Array }> {
  const none = new Uint8Array();
  try {
    const plane = await decodePlane(bytes);
    if ('fault' in plane) return { answer: plane, pixels: none };
    // Averaging whole blocks here keeps what crosses the pipe below twice the long side (12 megapixels: 4 MB, not 37).
    const factor = Math.max(1, Math.floor(Math.max(plane.width, plane.height) / longSide));
    const { width, height, channels, data } = boxShrink(plane, factor);
    const full = { fullWidth: plane.width, fullHeight: plane.height };
    return { answer: { ok: true, ...full, width, height, channels }, pixels: data };
  } catch (error) {
    return { answer: { ok: false, fault: 'damaged', message: String(error) }, pixels: none };
  }
}

/** libheif turns and mirrors by the container's own boxes; the EXIF orientation beside them must not be applied again. */
async function decodePlane(bytes: Buffer): Promise<Plane | Refusal> {
  const heif = await import('libheif-js/wasm-bundle.js').then(
    (module) => module.default,
    (error: unknown) => String(error),
  );
  if (typeof heif === 'string') return { ok: false, fault: 'decoder-missing', message: heif };
  const context = heif.heif_context_alloc();
  const opened = heif.heif_context_read_from_memory(context, bytes);
  if (opened.code.value !== 0) return refusal(opened);
  const handle = heif.heif_js_context_get_primary_image_handle(context);
  if ('code' in handle) return refusal(handle);
  const [width, height] = [heif.heif_image_handle_get_width(handle), heif.heif_image_handle_get_height(handle)];
  if (width * height > mostPixels) return { ok: false, fault: 'too-many-pixels', message: `${width} × ${height}` };
  const alpha = heif.heif_image_handle_has_alpha_channel(handle) !== 0;
  const { heif_chroma_interleaved_RGBA: rgba, heif_chroma_interleaved_RGB: rgb } = heif.heif_chroma;
  const decoded = heif.heif_js_decode_image2(handle, heif.heif_colorspace.heif_colorspace_RGB, alpha ? rgba : rgb);
  return planeOf(decoded, alpha ? 4 : 3);
}

function planeOf(decoded: Decoded | HeifError, channels: number): Plane | Refusal {
  if ('code' in decoded) return refusal(decoded);
  const [plane] = decoded.channels;
  if (plane === undefined) return { ok: false, fault: 'damaged', message: 'it holds no pixels' };
  const { width, height, stride, data } = plane;
  return { width, height, stride, data, channels };
}

/** Subcode 100: end of data; 1000: a security limit, of which the largest picture is one and absurd tables are others. */
function refusal({ subcode, message }: HeifError): Refusal {
  const tooLarge = subcode.value === 1000 && /image size/i.test(message);
  const fault = subcode.value === 100 ? 'cut-off' : tooLarge ? 'too-many-pixels' : 'damaged';
  return { ok: false, fault, message: message.trim() };
}
