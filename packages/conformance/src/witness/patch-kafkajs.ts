import { createRequire } from "node:module";

interface Internals {
  prototype: {
    connect(this: Internals["prototype"]): Promise<unknown>;
    isConnected(): boolean;
    chunks: unknown[];
    bytesBuffered: number;
    bytesNeeded: number;
  };
}

let patched = false;

/**
 * The runner's own admin and producer must survive the faults it injects. kafkajs 2.2.4 keeps a half
 * received frame over a reconnect and then waits for ever: a broker killed in mid-answer is enough.
 */
export function patchKafkajs(): void {
  if (patched) return;
  patched = true;
  const require = createRequire(import.meta.url);
  const { prototype } = require("kafkajs/src/network/connection") as Internals;
  const { connect } = prototype;
  prototype.connect = function () {
    if (!this.isConnected()) {
      this.chunks = [];
      this.bytesBuffered = 0;
      this.bytesNeeded = 4;
    }
    return connect.call(this);
  };
}
