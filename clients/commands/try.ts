import { answerOrigin, answerTexts } from '../answer-words.ts';
import { namedAsset } from '../../domain/immich-link.ts';
import { namedPhoto } from '../named-file.ts';
import { type Output, wrapped } from '../output.ts';
import { printable } from '../text-columns.ts';
import { ask, loaded } from '../try-out/ask.ts';
import type { TryOut } from '../try-out/open.ts';

export interface TryOptions {
  readonly photo: string;
  /** Absent: that of the settings. */
  readonly model: string | undefined;
  readonly json: boolean;
  /** Prints pieces of the answer as they come; absent where nobody watches. */
  readonly stream: ((text: string) => void) | undefined;
  /** Says on the error stream what is being done. */
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

/** One photo with one prompt and one model, printed and kept nowhere. */
export async function tryPhoto(tryOut: TryOut, out: Output, options: TryOptions): Promise<void> {
  const { json, note, signal, stream } = options;
  const file = namedAsset(options.photo) === undefined ? await namedPhoto(options.photo) : options.photo;
  const [photo] = await tryOut.photos({ names: [file], limit: 1, signal });
  const model = options.model ?? tryOut.recipe.models[0] ?? '';
  const [on] = await tryOut.find([model], signal);
  if (photo === undefined || on === undefined) throw new Error(`${file} cannot be tried with ${model}.`);
  const read = await tryOut.read(photo, signal);
  if (on.loaded === false) note(`${on.host} loads ${on.tag} …`);
  await loaded(tryOut, on, signal);
  note(`asking ${model} on ${on.host} about ${photo.shown} …`);
  let streamed = '';
  const onPiece = (piece: string) => {
    const text = printable(piece);
    streamed += text;
    stream?.(text);
  };
  const description = await ask(tryOut, { photo, read, on, signal, ...(stream !== undefined && { onPiece }) });
  if (json) return out.json({ photo: photo.shown, ...description });
  if (streamed !== '' && !streamed.endsWith('\n')) out.line();
  const texts = answerTexts(description);
  // What was streamed is the raw answer: it is shown once more where what is kept of it reads differently.
  if (words(streamed) !== words(printable(texts.join('\n')))) {
    if (streamed !== '') out.line();
    for (const text of texts) for (const line of wrapped(printable(text), out.columns)) out.line(line);
  }
  out.line(`— ${answerOrigin(description)}`);
}

const words = (text: string): string =>
  text
    .split(/\s+/)
    .filter((word) => word !== '')
    .join(' ');
