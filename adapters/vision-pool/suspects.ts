/** What is remembered of photos that were there when a host failed. In memory: forgetting it costs another failed call. */
export interface Suspects {
  /** It failed beside other calls: its next call must be the only one on its host. */
  mustBeAlone(photo: string): boolean;
  breaks(photo: string): number;
  suspect(photo: string): void;
  broke(photo: string): void;
  /** It was answered, or the fault is counted by its workflow now. */
  clear(photo: string): void;
}

/** A pool of the largest size that is set up anywhere, each call failing, is a few hundred. */
const mostRemembered = 1_000;

export function createSuspects(): Suspects {
  const known = new Map<string, { alone: boolean; breaks: number }>();
  const change = (photo: string, alone: boolean, more: number) => {
    const before = known.get(photo);
    known.set(photo, { alone: alone || (before?.alone ?? false), breaks: (before?.breaks ?? 0) + more });
    for (const oldest of known.keys()) {
      if (known.size <= mostRemembered) break;
      known.delete(oldest);
    }
  };
  return {
    mustBeAlone: (photo) => known.get(photo)?.alone ?? false,
    breaks: (photo) => known.get(photo)?.breaks ?? 0,
    suspect: (photo) => change(photo, true, 0),
    broke: (photo) => change(photo, false, 1),
    clear: (photo) => void known.delete(photo),
  };
}
