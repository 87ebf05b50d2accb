import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Command, Message } from "../subject/protocol.ts";

/**
 * One line at once: what a handler says must be on its way before the client does anything because
 * of it. (A pipe that is full would throw EAGAIN; the runner always reads.)
 */
export function say(message: Message): void {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  let at = 0;
  while (at < bytes.length) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  }
}

/** Calls back for every command; `ended` when the runner has closed our standard input. */
export function listen(onCommand: (command: Command) => void, onEnd: () => void): void {
  createInterface({ input: process.stdin })
    .on("line", (line) => onCommand(JSON.parse(line) as Command))
    .on("close", onEnd);
}
