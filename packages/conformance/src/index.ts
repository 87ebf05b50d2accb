export type * from "./cluster/cluster.ts";
export type * from "./proxy/proxy.ts";
export type * from "./subject/protocol.ts";
