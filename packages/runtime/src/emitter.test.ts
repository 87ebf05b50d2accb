import { expect, it } from "vitest";
import { Emitter } from "./emitter.ts";
import { memoryLogger, until } from "./testing/helpers.ts";

interface Events {
  ping: number;
}

it("calls the listeners in order until they are removed", () => {
  const emitter = new Emitter<Events>(memoryLogger());
  const seen: string[] = [];
  const listener = (n: number): void => void seen.push(`a${n}`);
  const off = emitter.on("ping", listener);
  emitter.on("ping", listener);
  emitter.on("ping", (n) => seen.push(`b${n}`));
  emitter.emit("ping", 1);
  off();
  off();
  emitter.emit("ping", 2);
  expect(seen).toEqual(["a1", "a1", "b1", "a2", "b2"]);
});

it("goes on when a listener throws or rejects, and logs it", async () => {
  const logger = memoryLogger();
  const emitter = new Emitter<Events>(logger);
  const seen: number[] = [];
  emitter.on("ping", () => {
    throw new Error("sync");
  });
  const rejecting: () => unknown = () => Promise.reject(new Error("async"));
  emitter.on("ping", rejecting);
  emitter.on("ping", (n) => seen.push(n));
  emitter.emit("ping", 7);
  expect(seen).toEqual([7]);
  await until("both are logged", () => logger.lines.length === 2);
  expect(logger.lines[0]).toContain('a listener of "ping" threw');
});
