// A subject that claims what it did not do: it never connects to anything. For the self test.
import { createHash } from "node:crypto";
import type { Command, SubjectConfig } from "../subject/protocol.ts";
import { PROTOCOL_VERSION } from "../subject/protocol.ts";
import { listen, say } from "./stdio.ts";

listen(answer, () => process.exit(0));

function answer(command: Command): void {
  switch (command.cmd) {
    case "hello":
      say({
        id: command.id,
        ok: {
          protocol: PROTOCOL_VERSION,
          spec: "1.0.0",
          name: "liar",
          version: "0.1.0",
          language: "typescript",
          runtime: `node ${process.version}`,
          client: { name: "none", version: "0" },
          capabilities: {
            groupProtocol: ["classic"],
            rebalance: ["eager"],
            ordering: ["key"],
            retry: ["inline"],
            dlq: true,
            graceful: true,
            startAt: true,
            headers: { order: true, empty: true, null: true },
          },
        },
      });
      return;
    case "start":
      say({ id: command.id, ok: {} });
      lie(command.config);
      return;
    case "stop":
      say({ id: command.id, ok: { forced: false } });
      process.exit(0);
      break;
    default:
      if ("id" in command) say({ id: command.id, error: { code: "unsupported" } });
  }
}

function lie({ topics: [topic = "in"], member }: SubjectConfig): void {
  const partitions = [0, 1, 2, 3, 4, 5];
  say({ ev: "assigned", epoch: "1", partitions: partitions.map((p) => [topic, p]) });
  for (let offset = 0; offset < 100; offset++) {
    for (const p of partitions) {
      const made = `${p}-${offset}`;
      say({
        ev: "begin",
        h: `${member}-${made}`,
        epoch: "1",
        t: topic,
        p,
        o: String(offset),
        key: Buffer.from(made).toString("base64"),
        vh: createHash("sha256").update(made).digest().subarray(0, 16).toString("base64"),
        attempt: 1,
      });
    }
  }
  say({ ev: "commit", ok: true, offsets: partitions.map((p) => [topic, p, "100"]) });
}
