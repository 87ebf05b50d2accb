import type { PortError, OutgoingRecord, Sent } from "@sluice/core";

import { ERR } from "./errors.ts";

/** A record whose `send` has not been answered. */
export interface Unsettled {
  /** Goes to the client and comes back in the delivery report. */
  readonly id: number;
  readonly record: OutgoingRecord;
  resolve(sent: Sent): void;
  reject(error: PortError): void;
  /** It is sent without company. */
  alone: boolean;
}

/** The broker judges a batch, not a record. */
const BATCH_REFUSED: ReadonlySet<number | undefined> = new Set([
  ERR.messageTooLarge,
  ERR.recordListTooLarge,
]);

/**
 * The records of one partition on their way. The broker refuses a whole batch for one record that
 * is too large, and librdkafka fails all that travelled with it: those are sent once more, each by
 * itself, so that only the one at fault is refused. What comes meanwhile waits.
 */
export class PartitionQueue {
  readonly #dispatch: (unsettled: Unsettled) => void;
  #underWay = 0;
  readonly #suspects: Unsettled[] = [];
  readonly #waiting: Unsettled[] = [];

  /** @param dispatch hands a record to the client; `settled` is called once for each */
  constructor(dispatch: (unsettled: Unsettled) => void) {
    this.#dispatch = dispatch;
  }

  add(unsettled: Unsettled): void {
    if (this.#suspects.length > 0) this.#waiting.push(unsettled);
    else this.#send(unsettled);
  }

  /** The client has answered for a record that was dispatched. */
  settled(unsettled: Unsettled, outcome: Sent | PortError): void {
    this.#underWay -= 1;
    if (this.#suspects[0] === unsettled) this.#suspects.shift();
    if ("offset" in outcome) unsettled.resolve(outcome);
    else if (BATCH_REFUSED.has(outcome.code) && !unsettled.alone) this.#suspects.push(unsettled);
    else unsettled.reject(outcome);
    // Alone means that nothing else of the partition is under way that it could travel with.
    if (this.#underWay === 0) this.#next();
  }

  #next(): void {
    const [suspect] = this.#suspects;
    if (suspect === undefined) {
      for (const unsettled of this.#waiting.splice(0)) this.#send(unsettled);
    } else {
      suspect.alone = true;
      this.#send(suspect);
    }
  }

  #send(unsettled: Unsettled): void {
    this.#underWay += 1;
    this.#dispatch(unsettled);
  }
}
