import type { HistoryEvent, Tp } from "@sluice/checker";
import type { Simulated } from "./simulate.ts";

/** A failing run in words, for a person: what it was made of, what happened, what is wrong. */
export function traceOf({ scenario, history, failures }: Simulated): string {
  const { seed, config, members, records, faults } = scenario;
  const lines = [
    `seed ${seed}: ${members.length} members, ${records.length} records, ${faults.length} faults`,
    `  ${JSON.stringify(config)}`,
    "",
  ];
  let lastWitnessed = 0;
  for (const event of history) {
    const told = tell(event);
    if (told !== null) lines.push(`${seconds(event.t)}  ${told}`);
    if (event.type === "visible") lastWitnessed++;
  }
  lines.push("", `${lastWitnessed} records are in the topic at the end`, "");
  for (const failure of failures) lines.push(`✗ ${failure}`);
  lines.push("", `again: pnpm simulate --seed ${seed}`);
  return lines.join("\n");
}

/** Null for what is only noise to a reader. */
function tell(event: HistoryEvent): string | null {
  switch (event.type) {
    case "phase":
      return event.phase === "heal" ? "— all is well from here on —" : null;
    case "member":
      return `${event.member} ${event.state}`;
    case "fault":
      return event.state === "healed" ? null : `! ${event.fault} ${event.detail ?? ""}`;
    case "produced":
      return `${at(event)} produced, key ${text(event.key)}`;
    case "join":
      return `${event.member} joins as ${event.memberId || "a new member"}`;
    case "leave":
      return `${event.member} leaves`;
    case "assignment":
      return `${event.member} is assigned ${list(event.partitions)} in ${event.generation}`;
    case "owned":
      return `${event.member} says it holds ${list(event.partitions)} in ${event.generation}`;
    case "begin":
      return `${event.member} begins ${at(event)}, attempt ${event.attempt}, epoch ${event.epoch} (${event.handle})`;
    case "finish":
      return `${event.member} finishes ${event.handle}: ${event.result}`;
    case "claim":
      return `${event.member} says: ${event.claim} ${list(event.partitions ?? [])}, epoch ${event.epoch ?? "?"}`;
    case "commit-request":
      return (
        `${event.member} asks in ${event.generation} to commit ` +
        event.offsets.map((each) => `${at(each)} ${each.metadata ?? ""}`.trim()).join(", ")
      );
    case "commit-answer": {
      const errors = event.results.map(({ error }) => error).join(", ");
      return `${event.member} is answered ${errors}${event.forwarded ? "" : ", which is lost"}`;
    }
    case "divert-acked":
      return `${event.member} hears that the dead letter of ${at(event.origin)} is written`;
    default:
      return null;
  }
}

function at(record: {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}): string {
  return `${record.topic}-${record.partition}@${record.offset}`;
}

function list(partitions: readonly Tp[]): string {
  return partitions.length === 0
    ? "nothing"
    : partitions.map(([topic, partition]) => `${topic}-${partition}`).join(", ");
}

function text(base64: string | null): string {
  return base64 === null ? "none" : Buffer.from(base64, "base64").toString();
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3).padStart(8);
}
