/** Resolves after `ms`, or at once when `signal` fires; the timer does not outlive either. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal?.addEventListener("abort", finish);
  });
}

/** What `promise` settles to, or undefined once `signal` fires. */
export async function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  let finish = (): void => {};
  const aborted = new Promise<undefined>((resolve) => {
    finish = () => resolve(undefined);
    signal.addEventListener("abort", finish);
    if (signal.aborted) finish();
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", finish);
  }
}

/** True when `promise` settled within `ms`; a rejection is the caller's to look at. */
export async function settlesWithin(
  promise: Promise<unknown>,
  ms: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const timer = new AbortController();
  const done = promise.then(
    () => true,
    () => true,
  );
  const late = delay(
    ms,
    signal === undefined ? timer.signal : AbortSignal.any([signal, timer.signal]),
  );
  try {
    return await Promise.race([done, late.then(() => false)]);
  } finally {
    timer.abort();
  }
}

/** Milliseconds of a clock that never goes backwards. */
export function monotonic(): number {
  return performance.now();
}
