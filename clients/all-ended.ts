/**
 * What all of them say, or the failure of the first that failed; and none is under way any more. A question to Temporal whose
 * connection is closed under it is tried again by the client's own timer, and throws from there.
 */
export async function allEnded<T extends readonly unknown[]>(
  looks: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(looks);
  return await Promise.all(looks);
}
