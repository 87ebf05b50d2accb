import type { Time, Timer } from "./time.ts";

/** Whether `promise` settled within `ms`. Never rejects. */
export async function settlesWithin(
  time: Time,
  promise: Promise<unknown>,
  ms: number,
): Promise<boolean> {
  let timer: Timer | undefined;
  const late = new Promise<false>((resolve) => {
    timer = time.setTimer(() => resolve(false), Math.max(0, ms));
  });
  const settled = promise.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([settled, late]);
  } finally {
    time.clearTimer(timer);
  }
}

/** Resolves after `ms`, or as soon as `signal` fires. */
export async function pauseFor(time: Time, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      time.clearTimer(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = time.setTimer(done, ms);
    signal.addEventListener("abort", done);
  });
}
