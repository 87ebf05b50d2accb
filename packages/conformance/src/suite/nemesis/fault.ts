import type { Act } from "../case-file.ts";
import { sayAct } from "../steps/cluster-steps.ts";

/** Something that goes wrong. `slot` is a place in the group: whoever sits there when it happens. */
export type Fault =
  /** Its process ends, so or so, and another one takes its place when the fault is over. */
  | { readonly kind: "kill" | "term" | "leave"; readonly slot: number }
  /** One member more, for as long as the fault lasts. */
  | { readonly kind: "join"; readonly slot: number }
  | { readonly kind: "freeze" | "stall"; readonly slot: number }
  | { readonly kind: "clock"; readonly slot: number; readonly aheadMs: number }
  | {
      readonly kind: "broker";
      readonly action: "kill" | "term" | "stop" | "fill disk";
      readonly which: number | "coordinator" | { readonly leaderOf: number };
    }
  | {
      readonly kind: "wire";
      readonly slot: number;
      readonly api: string;
      readonly direction: "request" | "response";
      readonly act: Act;
      /** Only so many frames; all while it lasts, when it is missing. */
      readonly times?: number;
    }
  | {
      readonly kind: "handlers";
      readonly how: "slow" | "failing" | "held";
      readonly partition: number;
    };

/** A fault with its place in the plan; times are milliseconds from the start of the safety phase. */
export interface PlannedFault {
  /** From 1, in the order of their beginnings. */
  readonly number: number;
  readonly at: number;
  readonly lasts: number;
  readonly fault: Fault;
}

/** In words, without its time: `kill m1 (SIGKILL)`. */
export function sayFault(fault: Fault): string {
  switch (fault.kind) {
    case "kill":
      return `kill m${fault.slot} (SIGKILL)`;
    case "term":
      return `end m${fault.slot} (SIGTERM)`;
    case "leave":
      return `stop m${fault.slot} gracefully`;
    case "join":
      return `m${fault.slot} joins, and leaves again`;
    case "freeze":
      return `m${fault.slot} stands still (SIGSTOP)`;
    case "stall":
      return `m${fault.slot} computes, and does nothing else`;
    case "clock":
      return `the wall clock of m${fault.slot} jumps ${Math.abs(fault.aheadMs) / 60_000} min ${fault.aheadMs < 0 ? "back" : "ahead"}`;
    case "broker":
      return `${SAY_ACTION[fault.action]} ${sayWhich(fault.which)}`;
    case "wire": {
      const times = fault.times === undefined ? "" : `, ${fault.times} times`;
      return `at the proxy, ${sayAct(fault.act)} ${fault.api} ${fault.direction}s of m${fault.slot}${times}`;
    }
    case "handlers":
      return SAY_HANDLERS[fault.how](fault.partition);
  }
}

function sayWhich(which: Extract<Fault, { kind: "broker" }>["which"]): string {
  if (which === "coordinator") return "the group's coordinator";
  return typeof which === "number"
    ? `broker ${which}`
    : `the leader of partition ${which.leaderOf}`;
}

const SAY_ACTION = {
  kill: "kill (SIGKILL)",
  term: "end (SIGTERM)",
  stop: "freeze (SIGSTOP)",
  "fill disk": "take the disk away from",
} as const;

const SAY_HANDLERS = {
  slow: (partition: number) => `handlers of partition ${partition} take up to 1.5 s`,
  failing: (partition: number) => `first attempts fail in partition ${partition}`,
  held: (partition: number) => `handlers of partition ${partition} do not end`,
} as const;
