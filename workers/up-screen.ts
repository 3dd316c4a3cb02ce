import { wrapped } from '../clients/output.ts';
import { fit, heldBackLines, progressLine } from '../clients/progress-line.ts';
import type { FromEngine } from './engine-messages.ts';

type Progress = Extract<FromEngine, { kind: 'progress' }>;

/** What a person sees of `up`: lines that stay, and below them, on a terminal, lines that are redrawn. */
export interface Screen {
  /** A line that stays. */
  readonly say: (line: string) => void;
  readonly progress: (progress: Progress) => void;
  /** Leaves the last progress standing. */
  end(): void;
}

export interface ScreenOptions {
  readonly out: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  readonly now: () => number;
}

/** In a pipe or a log file a plain line is enough this often, unless something else than numbers changed. */
const plainEveryMs = 10_000;

export function createScreen({ out, now }: ScreenOptions): Screen {
  return out.isTTY === true ? createLiveScreen(out) : createPlainScreen(out, now);
}

interface Lines {
  readonly numbers: readonly string[];
  /** They say at their end what to do: broken where the terminal is narrow, never cut. */
  readonly words: readonly string[];
}

const linesOf = ({ libraries, perMinute, pauses, isPaused, waitingFor }: Progress): Lines => ({
  numbers: libraries.map((library) => progressLine(library, { perMinute, isPaused })),
  words: [
    ...pauses,
    // The pause of a library holds it back, and is told already.
    ...heldBackLines(libraries.filter(({ heldBack = '' }) => !pauses.includes(heldBack))),
    ...(waitingFor === undefined ? [] : [`waiting: ${waitingFor}`]),
  ],
});

function createLiveScreen(out: ScreenOptions['out']): Screen {
  let live: string[] = [];
  const erase = () => (live.length === 0 ? '' : `\u001B[${live.length}A\u001B[0J`);
  const width = () => (out.columns ?? 80) - 1;
  const draw = () => live.map((line) => `${fit(line, width())}\n`).join('');
  return {
    say(line) {
      out.write(`${erase()}${line}\n${draw()}`);
    },
    progress(progress) {
      const before = erase();
      const { numbers, words } = linesOf(progress);
      live = [...numbers, ...words.flatMap((line) => wrapped(line, width()))];
      out.write(before + draw());
    },
    end() {
      live = [];
    },
  };
}

function createPlainScreen(out: ScreenOptions['out'], now: () => number): Screen {
  let last = { at: 0, words: '', text: '' };
  return {
    say: (line) => void out.write(`${line}\n`),
    progress(progress) {
      const lines = linesOf(progress);
      const text = [...lines.numbers, ...lines.words].join('\n');
      // A pause that ends at another time is another one, and news.
      const words = [text.replace(/\d+/g, ''), ...progress.pauses].join('\n');
      if (text === last.text || (words === last.words && now() - last.at < plainEveryMs)) return;
      last = { at: now(), words, text };
      out.write(`${text}\n`);
    },
    end: () => undefined,
  };
}
