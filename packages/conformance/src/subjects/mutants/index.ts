import {
  blocksEventLoop,
  chatty,
  countsRecordsOnly,
  deaf,
  doesNothing,
  forgetsFinished,
  givesUp,
  ignoresCommitted,
  impatientRetry,
  noKeyLock,
  startsAtEarliest,
  startsAtLatest,
  unboundedBuffer,
} from "./behaviour-mutants.ts";
import {
  atMostOnce,
  commitsHighest,
  doneOnRevoke,
  fencesByMember,
  offByOne,
  oneTooFar,
  resendsOldCommits,
  skipsFinalCommit,
} from "./commit-mutants.ts";
import {
  goesOnWithoutAck,
  queuesDeadLetters,
  retriesPoison,
  settlesBeforeAck,
} from "./dead-letter-mutants.ts";
import type { Mutant } from "./mutant.ts";
import { autoCommit, commitsAtRest, takesGapForEnd, waitsAtGap } from "./offset-mutants.ts";
import {
  commitsEverSeen,
  dropsRetained,
  keepsCoordinator,
  noFence,
  resetsProgress,
} from "./rebalance-mutants.ts";
import { forgetsInstanceId } from "./config-mutants.ts";
import type { ConfigMutant } from "./config-mutants.ts";
import { wallClockRetry } from "./clock-mutants.ts";
import { VECTOR_MUTANTS } from "./vector-mutants.ts";
import type { VectorMutant } from "./vector-mutants.ts";

const MUTANTS: Readonly<Record<string, Mutant>> = {
  "commits-highest": commitsHighest,
  "off-by-one": offByOne,
  "one-too-far": oneTooFar,
  "auto-commit": autoCommit,
  "commits-at-rest": commitsAtRest,
  "waits-at-gap": waitsAtGap,
  "takes-gap-for-end": takesGapForEnd,
  "done-on-revoke": doneOnRevoke,
  "resets-progress": resetsProgress,
  "drops-retained": dropsRetained,
  "commits-ever-seen": commitsEverSeen,
  "skips-final-commit": skipsFinalCommit,
  "fences-by-member": fencesByMember,
  "no-fence": noFence,
  "resends-old-commits": resendsOldCommits,
  "keeps-coordinator": keepsCoordinator,
  "no-key-lock": noKeyLock,
  "unbounded-buffer": unboundedBuffer,
  "counts-records-only": countsRecordsOnly,
  "settles-before-ack": settlesBeforeAck,
  "goes-on-without-ack": goesOnWithoutAck,
  "queues-dead-letters": queuesDeadLetters,
  "retries-poison": retriesPoison,
  "impatient-retry": impatientRetry,
  "wall-clock-retry": wallClockRetry,
  "blocks-event-loop": blocksEventLoop,
  "ignores-committed": ignoresCommitted,
  "starts-at-earliest": startsAtEarliest,
  "starts-at-latest": startsAtLatest,
  "forgets-finished": forgetsFinished,
  "gives-up": givesUp,
  "at-most-once": atMostOnce,
  idle: doesNothing,
  deaf,
  chatty,
};

const CONFIG_MUTANTS: Readonly<Record<string, ConfigMutant>> = {
  "forgets-instance-id": forgetsInstanceId,
};

/** A defect lies in the consumer, in what it is configured with, or in the answers to vectors. */
export interface Defect {
  readonly consumer: Mutant;
  readonly config: ConfigMutant;
  readonly vectors: VectorMutant;
}

/** Without a name there is none. @throws Error for an unknown name */
export function defectNamed(name: string | undefined): Defect {
  if (name !== undefined && !KINDS.some((kind) => Object.hasOwn(kind, name))) {
    const known = KINDS.flatMap((kind) => Object.keys(kind));
    throw new Error(`no mutant ${name}; there are ${known.join(", ")}`);
  }
  return {
    consumer: MUTANTS[name ?? ""] ?? rightly,
    config: CONFIG_MUTANTS[name ?? ""] ?? rightly,
    vectors: VECTOR_MUTANTS[name ?? ""] ?? rightly,
  };
}

const KINDS: readonly object[] = [MUTANTS, CONFIG_MUTANTS, VECTOR_MUTANTS];

function rightly<T>(given: T): T {
  return given;
}
