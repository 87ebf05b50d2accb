import {
  blocksEventLoop,
  chatty,
  doesNothing,
  givesUp,
  ignoresCommitted,
  impatientRetry,
  noKeyLock,
  settlesBeforeAck,
  startsAtEarliest,
} from "./behaviour-mutants.ts";
import {
  commitsHighest,
  doneOnRevoke,
  fencesByMember,
  skipsFinalCommit,
  noFence,
  offByOne,
  resendsOldCommits,
} from "./commit-mutants.ts";
import type { Mutant } from "./mutant.ts";

const MUTANTS: Readonly<Record<string, Mutant>> = {
  "commits-highest": commitsHighest,
  "off-by-one": offByOne,
  "done-on-revoke": doneOnRevoke,
  "skips-final-commit": skipsFinalCommit,
  "fences-by-member": fencesByMember,
  "no-fence": noFence,
  "resends-old-commits": resendsOldCommits,
  "no-key-lock": noKeyLock,
  "settles-before-ack": settlesBeforeAck,
  "impatient-retry": impatientRetry,
  "blocks-event-loop": blocksEventLoop,
  "ignores-committed": ignoresCommitted,
  "starts-at-earliest": startsAtEarliest,
  "gives-up": givesUp,
  null: doesNothing,
  chatty,
  // Its defect lies in the answer to vectors, not in the consumer.
  "unsigned-partitioner": (options) => options,
};

/** @throws Error for an unknown name */
export function mutant(name: string | undefined): Mutant {
  if (name === undefined) return (options) => options;
  const found = MUTANTS[name];
  if (found === undefined) {
    throw new Error(`no mutant ${name}; there are ${Object.keys(MUTANTS).join(", ")}`);
  }
  return found;
}
