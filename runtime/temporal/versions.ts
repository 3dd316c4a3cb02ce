/** The versions that Darkroom was tried with. Changing one starts the embedded state anew (see state.ts). */
export const SERVER_VERSION = '1.32.1';
export const UI_VERSION = '2.55.0';
/** The CLI that is downloaded: its server is 1.31.2. */
export const CLI_VERSION = 'v1.8.2';

/** Before 1.31 the server's matching ignores priority unless a flag is set, and cannot change it on running work. */
export const OLDEST_SERVER = '1.31';

/** Compares `1.31`, `1.31.2`, `v1.32.0-148.4` by major and minor number. */
export function isRecentEnough(version: string, oldest: string = OLDEST_SERVER): boolean {
  const [major, minor] = majorMinor(version);
  const [wantedMajor, wantedMinor] = majorMinor(oldest);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function majorMinor(version: string): [number, number] {
  const found = /^v?(\d+)\.(\d+)/.exec(version);
  return found === null ? [0, 0] : [Number(found[1]), Number(found[2])];
}
