import type { Findings, Invariant } from "../invariant.ts";
import type { Model } from "../model.ts";
import { at, place } from "../words.ts";
import { flights } from "./flight.ts";

export const b1: Invariant = {
  id: "B1",
  rule: "A member never runs more handlers than its concurrency, nor holds more fetched records than its buffer.",
  needs: ["ledger"],
  liveness: false,
  judge(model, findings) {
    for (const { handle, running } of flights(model)) {
      findings.examined();
      const { size } = running;
      if (size < model.case.concurrency) continue;
      // A proof needs one more than may run; of many, the first will do.
      const others: number[] = [];
      for (const other of running) {
        if (others.push(other.index) === SHOWN) break;
      }
      findings.violation(
        [...others, handle.index],
        () =>
          `${handle.member.label} began ${place(handle.record)} at ${at(model, handle.index)} with ${size} handlers running, ` +
          `concurrency ${model.case.concurrency}`,
      );
    }
    judgeClaims(model, findings);
    judgeFetches(model, findings);
  },
};

/** What a member says of its buffer can only incriminate it. */
function judgeClaims(model: Model, findings: Findings): void {
  const limit = model.case.buffer?.records ?? null;
  if (limit === null) return;
  for (const [index, event] of model.events.entries()) {
    if (event.type !== "claim" || event.claim !== "buffered") continue;
    findings.examined();
    const count = event.count ?? 0;
    if (count <= limit) continue;
    findings.violation(
      [index],
      () =>
        `${event.member} said at ${at(model, index)} that it holds ${count} records which have not begun; allowed are ${limit}`,
    );
  }
}

/**
 * Between two begins of a member nothing leaves its buffer, unless it gives partitions up or gets others. An
 * answer without records has a size as well: the smallest answer to this member stands for it.
 */
function judgeFetches(model: Model, findings: Findings): void {
  const limit = model.case.buffer?.bytes ?? null;
  if (limit === null) return;
  const empty = new Map<string, { readonly bytes: number; readonly index: number }>();
  for (const [index, event] of model.events.entries()) {
    if (event.type !== "fetched") continue;
    const { member, bytes } = event;
    if (bytes < (empty.get(member)?.bytes ?? Infinity)) empty.set(member, { bytes, index });
  }
  const held = new Map<string, { bytes: number; readonly events: number[]; told: boolean }>();
  for (const [index, event] of model.events.entries()) {
    switch (event.type) {
      case "begin":
      case "assignment":
      case "owned":
      case "join":
      case "leave":
      case "member":
        held.delete(event.member);
        break;
      case "claim":
        if (event.claim !== "buffered") held.delete(event.member);
        break;
      case "fetched": {
        findings.examined();
        let buffer = held.get(event.member);
        if (!buffer) held.set(event.member, (buffer = { bytes: 0, events: [], told: false }));
        const smallest = empty.get(event.member)!;
        const bytes = event.bytes - smallest.bytes;
        if (bytes === 0) break;
        buffer.bytes += bytes;
        if (buffer.events.length < SHOWN) buffer.events.push(index);
        if (buffer.bytes <= limit || buffer.told) break;
        buffer.told = true;
        const { bytes: sum } = buffer;
        findings.violation(
          [smallest.index, ...buffer.events, index],
          () =>
            `${event.member} had fetched ${sum} bytes by ${at(model, index)} without beginning anything in between; allowed are ${limit}`,
        );
        break;
      }
      default:
    }
  }
}

const SHOWN = 32;
