import type { CaseSettings } from "../../runner/case-settings.ts";
import { Random } from "../../runner/random.ts";
import type { SubjectUnderTest } from "../../runner/subject-under-test.ts";
import type { Act } from "../case-file.ts";
import type { Fault, PlannedFault } from "./fault.ts";

/** What a plan may draw from: what cluster and subject can do. */
export interface Arena {
  readonly can: {
    readonly proxy: boolean;
    readonly brokerFaults: boolean;
    readonly failover: boolean;
    readonly diskFull: boolean;
  };
  readonly nodes: readonly number[];
  readonly groupProtocol: "classic" | "consumer";
  readonly hooks: readonly string[];
  readonly retries: boolean;
  readonly deadLetters: boolean;
  readonly partitions: number;
  readonly sessionMs: number;
}

export function arenaFor(
  { can, nodes }: Pick<Arena, "can" | "nodes">,
  { hello, mode }: SubjectUnderTest,
  settings: CaseSettings,
): Arena {
  const { hooks, retry, dlq } = hello.capabilities;
  return {
    can,
    nodes,
    groupProtocol: mode.groupProtocol,
    hooks,
    retries: retry.includes("inline"),
    // Without the wire nobody knows when a dead letter was acknowledged, hence when all is settled.
    deadLetters: dlq && settings.deadLetter && can.proxy,
    partitions: settings.partitions,
    sessionMs: settings.sessionTimeoutMs,
  };
}

export interface StormSize {
  readonly faults: number;
  /** From the start of the first fault to the end of the last: milliseconds. */
  readonly lastsMs: number;
  /** Places in the group that are always taken; a joining member takes the next one. */
  readonly members: number;
}

/**
 * What goes wrong, when, and for how long: drawn by the seed from what the arena offers, and from
 * nothing else, so that it can be told before anything has started.
 *
 * Families of faults are dealt in turns, each turn in another order: a short plan has something of each.
 * Faults overlap on purpose. Two at once never share what they act on: a killed member is not frozen, and
 * one broker at a time is broken, for two of three would be no cluster any more.
 */
export function planStorm(
  seed: number,
  { faults, lastsMs, members }: StormSize,
  arena: Arena,
): readonly PlannedFault[] {
  const random = new Random(seed);
  const families = FAMILIES.map((family) => family(arena, members)).filter(
    (kinds) => kinds.length > 0,
  );
  const plan: PlannedFault[] = [];
  /** Until when what a fault acts on is taken. */
  const taken = new Map<string, number>();
  let turn: (readonly Draw[])[] = [];
  for (let i = 0; i < faults; i++) {
    if (turn.length === 0) turn = random.shuffle(families);
    const slice = lastsMs / faults;
    const at = Math.round(slice * (i + 0.6 * random.fraction()));
    const left = Math.max(0, lastsMs - at);
    for (let attempt = 0; attempt < DRAWS; attempt++) {
      // After some draws in vain the turn's family is full: any other will do.
      const family = attempt < DRAWS / 2 ? (turn[0] as readonly Draw[]) : random.pick(families);
      const { fault, from, to } = random.pick(family)(random);
      const longest = Math.min(left, lastsMs * LONGEST);
      const lasts = Math.round(Math.min(longest, random.integer(from, to)));
      const uses = usesOf(fault);
      if (uses.some((name) => (taken.get(name) ?? -1) >= at)) continue;
      // A while of rest: a member that has just come back has done nothing that could be spoilt.
      for (const name of uses) taken.set(name, at + lasts + REST_MS);
      plan.push({ number: plan.length + 1, at, lasts, fault });
      turn.shift();
      break;
    }
  }
  return plan;
}

const DRAWS = 40;
/** Of the whole: a short storm shall not be one long standstill. */
const LONGEST = 0.4;
const REST_MS = 1_000;

/** What two faults at the same time must not share. */
export function usesOf(fault: Fault): readonly string[] {
  switch (fault.kind) {
    case "broker":
      return ["broker"];
    case "handlers":
      return [`handlers of ${fault.partition}`];
    case "wire":
      return [`wire of m${fault.slot}`];
    default:
      return [`process m${fault.slot}`];
  }
}

/** A fault of one kind, and within which bounds it lasts, in milliseconds. */
type Draw = (random: Random) => {
  readonly fault: Fault;
  readonly from: number;
  readonly to: number;
};
type Family = (arena: Arena, members: number) => readonly Draw[];

/** Who is in the group. */
const membership: Family = (_arena, members) => [
  () => ({ fault: { kind: "join", slot: members }, from: 2_000, to: 9_000 }),
  (random) => ({
    fault: { kind: random.pick(["leave", "term"] as const), slot: random.integer(0, members - 1) },
    from: 0,
    to: 3_000,
  }),
  (random) => ({
    fault: { kind: "kill", slot: random.integer(0, members - 1) },
    from: 0,
    to: 4_000,
  }),
];

/** Processes that live and do not move. */
const processes: Family = ({ hooks, sessionMs }, members) => {
  const slot = (random: Random): number => random.integer(0, members - 1);
  return [
    // As often beyond the session, so that others take over, as within it.
    (random) => ({
      fault: { kind: "freeze", slot: slot(random) },
      ...(random.fraction() < 0.5
        ? { from: 2_000, to: 0.6 * sessionMs }
        : { from: 1.2 * sessionMs, to: 1.6 * sessionMs }),
    }),
    ...(hooks.includes("stall")
      ? [
          (random: Random) =>
            ({
              fault: { kind: "stall", slot: slot(random) },
              from: 1_500,
              to: 4_000,
            }) as const,
        ]
      : []),
    ...(hooks.includes("clock")
      ? [
          (random: Random) =>
            ({
              fault: {
                kind: "clock",
                slot: slot(random),
                aheadMs: random.pick([-60, -5, 5, 60]) * 60_000,
              },
              from: 2_000,
              to: 6_000,
            }) as const,
        ]
      : []),
  ];
};

const wires: Family = ({ can, groupProtocol, deadLetters }, members) => {
  if (!can.proxy) return [];
  // The more it matters, the oftener it is there.
  const apis = [
    ...["OffsetCommit", "OffsetCommit", "Fetch", "Fetch"],
    ...(groupProtocol === "classic"
      ? ["Heartbeat", "Heartbeat", "JoinGroup", "SyncGroup"]
      : ["ConsumerGroupHeartbeat", "ConsumerGroupHeartbeat", "ConsumerGroupHeartbeat"]),
    "OffsetFetch",
    ...(deadLetters ? ["Produce"] : []),
  ];
  const wire = (random: Random, act: Act, times?: number): Fault => ({
    kind: "wire",
    slot: random.integer(0, members - 1),
    api: random.pick(apis),
    direction: random.pick(["request", "response"] as const),
    act,
    ...(times === undefined ? {} : { times }),
  });
  return [
    (random) => ({ fault: wire(random, "hold"), from: 1_000, to: 5_000 }),
    (random) => ({ fault: wire(random, "blackhole"), from: 1_000, to: 8_000 }),
    (random) => ({
      fault: wire(random, "reset", random.integer(1, 3)),
      from: 3_000,
      to: 6_000,
    }),
    (random) => ({
      fault: wire(random, { cut: random.integer(1, 200) }, random.integer(1, 2)),
      from: 3_000,
      to: 6_000,
    }),
    (random) => ({
      fault: wire(random, { delay: { from: "50 ms", to: `${random.integer(200, 1_000)} ms` } }),
      from: 3_000,
      to: 8_000,
    }),
    (random) => ({
      fault: wire(random, { slice: random.integer(1, 40) }),
      from: 3_000,
      to: 8_000,
    }),
    (random) => ({
      fault: wire(random, { throttle: random.integer(2, 40) * 1_000 }),
      from: 3_000,
      to: 8_000,
    }),
  ];
};

const brokers: Family = ({ can, nodes, partitions }) => {
  if (!can.brokerFaults) return [];
  const broker = (random: Random, action: Extract<Fault, { kind: "broker" }>["action"]): Fault => ({
    kind: "broker",
    action,
    which: can.failover
      ? random.pick([
          "coordinator" as const,
          { leaderOf: random.integer(0, partitions - 1) },
          random.pick(nodes),
        ])
      : random.pick(nodes),
  });
  return [
    (random) => ({ fault: broker(random, "kill"), from: 500, to: 4_000 }),
    (random) => ({ fault: broker(random, "term"), from: 500, to: 4_000 }),
    // Shorter than a client's patience: what two connections have asked a frozen broker for, it may do
    // in either order when it thaws, and an older commit after a newer one is then nobody's fault.
    (random) => ({ fault: broker(random, "stop"), from: 1_000, to: 4_000 }),
    ...(can.diskFull
      ? [
          (random: Random) => ({
            fault: { kind: "broker", action: "fill disk", which: random.pick(nodes) } as const,
            from: 500,
            to: 3_000,
          }),
        ]
      : []),
  ];
};

const handlers: Family = ({ partitions, retries }) => {
  const how = (random: Random, what: Extract<Fault, { kind: "handlers" }>["how"]): Fault => ({
    kind: "handlers",
    how: what,
    partition: random.integer(0, partitions - 1),
  });
  return [
    (random) => ({ fault: how(random, "slow"), from: 3_000, to: 8_000 }),
    (random) => ({ fault: how(random, "held"), from: 2_000, to: 8_000 }),
    ...(retries
      ? [(random: Random) => ({ fault: how(random, "failing"), from: 3_000, to: 8_000 })]
      : []),
  ];
};

const FAMILIES: readonly Family[] = [membership, processes, wires, brokers, handlers];
