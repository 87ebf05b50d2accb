export { createTestCluster } from "./test-cluster.ts";
export type {
  CommitFailure,
  DeadLetter,
  TestCluster,
  TestClusterOptions,
  TestRecord,
} from "./test-cluster.ts";
export type { Protocol } from "./cluster/sim-cluster.ts";
