import { startLocalCluster } from "../../src/cluster/local-cluster.ts";

const cluster = await startLocalCluster({ sasl: false });
console.log(JSON.stringify({ log: cluster.log(1), witness: cluster.witnessBrokers }));
// Never closed, never ended by itself: the proxy keeps it alive.
