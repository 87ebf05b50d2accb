import type { Logger } from "@sluice/core";

import { call, type NativeConsumer } from "./client.ts";
import type { Commits } from "./commits.ts";
import { settlesWithin } from "./timing.ts";

const DISCONNECT_MS = 3000;

/** Kept for ever: the addon disconnects a client that is collected, on the thread of the event loop. */
const leftBehind = new Set<NativeConsumer>();

/**
 * Disconnects a consumer, unless the client still has a commit that nobody answers: it would wait for
 * the answer without an end, on a thread that Node joins before the process may exit. Such a client is
 * left to itself. Nobody polls it, so it leaves its group after `max.poll.interval.ms`, and it ends
 * with the process.
 * @param stopPolling called when no more answers are waited for: only while it is polled do they come
 */
export async function disconnect(
  client: NativeConsumer,
  commits: Commits,
  stopPolling: () => Promise<void>,
  logger: Logger,
): Promise<void> {
  const answered = await settlesWithin(commits.answered(), DISCONNECT_MS);
  await stopPolling();
  commits.abandon();
  if (!client.isConnected()) return;
  if (!answered) {
    leftBehind.add(client);
    logger.warn(
      "a commit has not been answered, and the client would not disconnect before it is: it is left " +
        "behind, and keeps the process alive until process.exit()",
    );
    return;
  }
  const gone = call((done) => client.disconnect(done));
  if (!(await settlesWithin(gone, DISCONNECT_MS))) {
    logger.warn("the client did not disconnect in time; leaving it to end by itself");
  }
}
