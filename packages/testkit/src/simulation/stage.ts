import type { KafkaRecord } from "@sluice/core";
import type { SimCluster } from "../cluster/sim-cluster.ts";
import type { VirtualTime } from "../virtual-time.ts";
import type { AssignmentBook } from "./assignment-book.ts";
import type { SimProcess } from "../client/sim-process.ts";
import type { CommitWatch } from "./commit-watch.ts";
import type { CommitsInFlight } from "./commits-in-flight.ts";
import type { Coverage } from "./coverage.ts";
import type { Recorder } from "./recorder.ts";
import type { PlannedRecord, Scenario } from "./scenario.ts";

/** What the parts of one run share. */
export interface Stage {
  readonly scenario: Scenario;
  readonly time: VirtualTime;
  readonly cluster: SimCluster;
  readonly recorder: Recorder;
  readonly book: AssignmentBook;
  readonly coverage: Coverage;
  /** What is wrong beyond what the history shows. */
  readonly problems: string[];
  /** What is to become of each record of the topic. */
  readonly planned: Map<KafkaRecord, PlannedRecord>;
  /** The process that has begun a record last, by record. */
  readonly begunBy: Map<KafkaRecord, string>;
  /** What watches the commits of a process. */
  readonly commitWatches: Map<SimProcess, CommitWatch>;
  /** What has not been answered yet of the commits of a process. */
  readonly commitsInFlight: Map<SimProcess, CommitsInFlight>;
  /** The member of that name has stopped. */
  left(name: string, forGood: boolean): void;
}
