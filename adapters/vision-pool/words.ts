/** What the hosts of a pool are called, in the log and in `status`. */
export interface PoolWords {
  /** One of them: `vision host`. */
  readonly host: string;
  /** What to do where none is there, as a sentence. */
  readonly start: string;
  /** What to do where none is set up with the models, after a semicolon. */
  readonly setUp: string;
}

export const visionWords: PoolWords = {
  host: 'vision host',
  start: 'Start Ollama or set VISION_HOSTS',
  setUp: 'set VISION_MODEL or the models of the hosts file',
};
