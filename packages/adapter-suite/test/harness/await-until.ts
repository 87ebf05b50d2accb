/**
 * Resolves with what `look` answers once that is neither undefined, null nor false; `look` may
 * throw, which says why not.
 * @param what completes "waited 20000 ms for …"
 */
export async function awaitUntil<T>(
  what: string,
  look: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  timeoutMs: number = 20_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let why: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== null && seen !== false) return seen;
      why = undefined;
    } catch (error) {
      why = error;
    }
    if (performance.now() >= deadline) {
      throw new Error(`waited ${timeoutMs} ms for ${what}`, { cause: why });
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Fails if `bad` becomes true within `ms`: for what must not happen. The only wait in these tests
 * that takes its whole time, so keep it short.
 */
export async function holdsFor(what: string, ms: number, bad: () => boolean): Promise<void> {
  const deadline = performance.now() + ms;
  while (performance.now() < deadline) {
    if (bad()) throw new Error(`${what} did not hold`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
