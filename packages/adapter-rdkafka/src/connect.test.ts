import { EventEmitter } from "node:events";
import { expect, it } from "vitest";

import type { NativeProducer } from "./client.ts";
import { resolveConfig } from "./config.ts";
import { connect } from "./connect.ts";

type Done = (error: Error | null, answer?: object) => void;

/** As the addon's: it emits "error" when the function that gets tokens has failed. */
class FakeClient extends EventEmitter {
  connected: Done = () => {};

  connect(_: object, done: Done): void {
    this.connected = done;
  }
}

const config = resolveConfig({
  brokers: ["kafka:9092"],
  sasl: {
    mechanism: "oauthbearer",
    token: () => Promise.reject(new Error("the identity provider is away")),
  },
});

function start(): { readonly client: FakeClient; readonly started: Promise<void> } {
  const client = new FakeClient();
  const started = connect(client as unknown as NativeProducer, config, () => {});
  return { client, started };
}

it("a token that cannot be had fails the start, with the reason", async () => {
  const { client, started } = start();
  const reason = new Error("oauthbearer_token_refresh_cb: the identity provider is away");
  expect(client.emit("error", reason)).toBe(true);
  await expect(started).rejects.toMatchObject({
    name: "PortError",
    kind: "authentication",
    outcome: "failed",
    message: expect.stringContaining("the identity provider is away"),
    cause: reason,
  });
});

it("a token that cannot be renewed later ends nothing", async () => {
  const { client, started } = start();
  client.connected(null, {});
  await started;
  // Without a listener this would throw, and end the process.
  expect(client.emit("error", new Error("no token"))).toBe(true);
});
