import { startDockerCluster } from "../../src/cluster/docker-cluster.ts";

const cluster = await startDockerCluster();
console.log(cluster.log(1).length);
// Never closed, never ended by itself: the proxy keeps it alive.
