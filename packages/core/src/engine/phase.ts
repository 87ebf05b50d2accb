/** Where a held record stands, used as `PHASE.queued`. From `running` on its token is live. */

export const free = 0;
/** Waits for its lane and for room. */
export const queued = 1;
/** Waits for the backoff to pass. */
export const backingOff = 2;
export const running = 3;
/** Runs in the batch of another record, which stands for all of it. */
export const joined = 4;
/** Its dead letter has been handed out and is not answered. */
export const deadLetterSent = 5;
/** Its dead letter failed and will be sent again. */
export const deadLetterBackingOff = 6;
