/** The command was used wrongly: exit code 2. The message says how to use it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
