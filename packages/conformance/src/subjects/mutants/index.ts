import {
  blocksEventLoop,
  chatty,
  deaf,
  doesNothing,
  forgetsFinished,
  givesUp,
  ignoresCommitted,
  impatientRetry,
  noKeyLock,
  settlesBeforeAck,
  startsAtEarliest,
} from "./behaviour-mutants.ts";
import {
  atMostOnce,
  commitsHighest,
  doneOnRevoke,
  fencesByMember,
  skipsFinalCommit,
  noFence,
  offByOne,
  resendsOldCommits,
} from "./commit-mutants.ts";
import type { Mutant } from "./mutant.ts";
import { VECTOR_MUTANTS } from "./vector-mutants.ts";
import type { VectorMutant } from "./vector-mutants.ts";

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
  "forgets-finished": forgetsFinished,
  "gives-up": givesUp,
  "at-most-once": atMostOnce,
  idle: doesNothing,
  deaf,
  chatty,
};

/** A defect lies in the consumer or in the answers to vectors; without a name there is none. */
export interface Defect {
  readonly consumer: Mutant;
  readonly vectors: VectorMutant;
}

/** @throws Error for an unknown name */
export function defectNamed(name: string | undefined): Defect {
  if (name === undefined) return { consumer: rightly, vectors: rightly };
  const consumer = MUTANTS[name];
  const vectors = VECTOR_MUTANTS[name];
  if (consumer === undefined && vectors === undefined) {
    const known = [...Object.keys(MUTANTS), ...Object.keys(VECTOR_MUTANTS)];
    throw new Error(`no mutant ${name}; there are ${known.join(", ")}`);
  }
  return { consumer: consumer ?? rightly, vectors: vectors ?? rightly };
}

function rightly<T>(given: T): T {
  return given;
}
