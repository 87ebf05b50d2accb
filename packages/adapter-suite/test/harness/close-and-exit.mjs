// @ts-check
// A member in a process of its own: `node close-and-exit.mjs <brokers> <topic> <group> <client id>`. Commits
// without waiting for the answer, says "committing", and on the next line of its input closes and exits.
import { createInterface } from "node:readline";
import { silentLogger } from "@sluice/core";
import { rdkafka } from "@sluice/adapter-rdkafka";

const [brokers = "", topic = "", group = "", clientId = ""] = process.argv.slice(2);
const port = rdkafka({ brokers: brokers.split(","), clientId }).consumer({
  group,
  isolation: "read_committed",
  logger: silentLogger,
  drainTimeoutMs: 500,
});

createInterface({ input: process.stdin }).once("line", () => {
  void port.close(500).then(() => process.exit(0));
});

await port.start([topic], {
  assigned: ({ partitions }) => Promise.resolve(partitions.map(() => 0)),
  revoked: () => Promise.resolve(),
  lost: () => {},
  records: ({ epoch }, records) => {
    if (records.length === 0) return;
    void port.commit([{ topic, partition: 0, epoch, offset: 1 }], 30_000);
    process.stdout.write("committing\n");
  },
  down: () => {},
});
