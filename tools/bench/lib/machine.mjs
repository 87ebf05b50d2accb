// @ts-check
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";

/** What figures have to be read with: the class of the machine, and what else it was doing. */
export function machine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch} ${release()}`,
    node: process.version,
  };
}

/** Mean of the last minute of the processes that run or want to. */
export function load() {
  return Number((loadavg()[0] ?? 0).toFixed(2));
}
