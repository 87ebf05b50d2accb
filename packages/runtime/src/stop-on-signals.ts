import { constants } from "node:os";
import type { Consumer, StopResult } from "./consumer-options.ts";

export interface StopOnSignalsOptions {
  /** @defaultValue SIGTERM and SIGINT */
  readonly signals?: readonly NodeJS.Signals[];
  /** Passed to each `stop`; the consumer's own when absent. Milliseconds. */
  readonly drainTimeoutMs?: number;
  /**
   * Ends the process when everything has stopped: with 0 when clean, 1 when something was forced, and
   * at once with 128 plus the signal's number at a second signal. @defaultValue true
   */
  readonly exit?: boolean;
  /** Called when everything has stopped, before the exit; for closing what is your own. */
  readonly onStopped?: (results: readonly StopResult[]) => void | Promise<void>;
}

/**
 * Stops the consumers when the process is asked to end, and lets running handlers finish. A second
 * signal ends the process at once. Returns the function that removes the listeners.
 */
export function stopOnSignals(
  consumers: Pick<Consumer, "stop"> | readonly Pick<Consumer, "stop">[],
  options: StopOnSignalsOptions = {},
): () => void {
  const { signals = ["SIGTERM", "SIGINT"], drainTimeoutMs, exit = true, onStopped } = options;
  const all = Array.isArray(consumers) ? consumers : [consumers];
  let stopping = false;

  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) {
      if (exit) process.exit(128 + signalNumber(signal));
      return;
    }
    stopping = true;
    void stopAll().then((code) => {
      remove();
      if (exit) process.exit(code);
    });
  };
  const stopAll = async (): Promise<number> => {
    try {
      const results = await Promise.all(
        all.map((consumer) =>
          consumer.stop(drainTimeoutMs === undefined ? {} : { drainTimeoutMs }),
        ),
      );
      await onStopped?.(results);
      return results.every(({ result }) => result === "clean") ? 0 : 1;
    } catch {
      return 1;
    }
  };
  const remove = (): void => {
    for (const signal of signals) process.removeListener(signal, onSignal);
  };
  for (const signal of signals) process.on(signal, onSignal);
  return remove;
}

function signalNumber(signal: NodeJS.Signals): number {
  return constants.signals[signal] ?? 0;
}
