import type { HistoryEvent } from "@sluice/checker";
import { endpointOf, silence } from "../../cluster/health.ts";
import { Unmet } from "../../runner/condition.ts";
import { SubjectError } from "../../subject/subject-error.ts";
import type { Scene } from "../scene.ts";
import { happen, nodeOf } from "../steps/broker-steps.ts";
import { actOf, keyOfApi } from "../steps/cluster-steps.ts";
import type { Crew } from "./crew.ts";
import type { Fault, PlannedFault } from "./fault.ts";
import type { HandlerFaults } from "./handler-faults.ts";
import type { Locks } from "./locks.ts";

export interface Stage {
  readonly scene: Scene;
  readonly crew: Crew;
  readonly handlers: HandlerFaults;
  readonly locks: Locks;
}

export interface Course {
  /** Resolves when the fault has lasted. */
  readonly lasting: () => Promise<void>;
  /** A witness saw its effect. */
  readonly observed: (how: string) => void;
}

const HEALTHY_MS = 30_000;
/** What a member had said before it stood still may arrive so much later. */
const PIPE_MS = 500;

/** One fault from its beginning to its end. @throws Unmet, SubjectError */
export async function perform(
  stage: Stage,
  { fault, lasts }: PlannedFault,
  course: Course,
): Promise<void> {
  switch (fault.kind) {
    case "kill":
    case "term":
    case "leave":
      return await replaced(stage, fault, course);
    case "join":
      return await joined(stage, fault.slot, course);
    case "freeze":
    case "stall":
      return await still(stage, fault, lasts, course);
    case "clock":
      return await jumped(stage, fault, course);
    case "broker":
      return await broken(stage, fault, course);
    case "wire":
      return await disturbed(stage, fault, course);
    case "handlers":
      return await handled(stage, fault, course);
  }
}

/** The fault of a kind; kinds that are told together have one type. */
type Of<K extends Fault["kind"]> = Fault extends infer F
  ? F extends { readonly kind: Fault["kind"] }
    ? K extends F["kind"]
      ? F
      : never
    : never
  : never;

async function replaced(
  { scene: { run }, crew, locks }: Stage,
  { kind, slot }: Of<"kill">,
  { lasting, observed }: Course,
): Promise<void> {
  const name = crew.at(slot);
  if (kind === "kill") await run.kill(name);
  else if (kind === "term") await run.terminate(name);
  else await run.stop(name);
  observed(`${name} has exited`);
  await lasting();
  await crew.enlist(slot, () => locks.held("broker"));
}

async function joined(
  { scene: { run }, crew, locks }: Stage,
  slot: number,
  { lasting, observed }: Course,
): Promise<void> {
  const name = await crew.enlist(slot, () => locks.held("broker"));
  await lasting();
  const begun = run.ledger.works.filter(({ member }) => member === name).length;
  const assigned = run.wire.assignments(name).some(({ partitions }) => partitions.length > 0);
  if (assigned || begun > 0) observed(`${name} was given partitions, and began ${begun} records`);
  await run.stop(name);
}

/** Seen by what is not seen: it says nothing, neither to the runner nor to a broker. */
async function still(
  { scene: { run }, crew }: Stage,
  { kind, slot }: Of<"freeze">,
  lasts: number,
  { lasting, observed }: Course,
): Promise<void> {
  const name = crew.at(slot);
  let last = run.now;
  const off = run.history.onEvent((event) => {
    if (saidBy(event) === name) last = event.t;
  });
  try {
    const since = run.now;
    if (kind === "freeze") run.pause(name);
    else await run.stall(name, lasts);
    await lasting();
    const silent = run.now - Math.max(last, since);
    if (last - since <= PIPE_MS) observed(`${name} said nothing for ${Math.round(silent)} ms`);
  } finally {
    off();
    run.resume(name);
  }
}

/** What a member says of its own accord. */
function saidBy(event: HistoryEvent): string | null {
  switch (event.type) {
    case "begin":
    case "dropped":
    case "claim":
    case "join":
    case "leave":
    case "owned":
    case "commit-request":
      return event.member;
    default:
      return null;
  }
}

async function jumped(
  { scene: { run }, crew }: Stage,
  { slot, aheadMs }: Of<"clock">,
  { lasting, observed }: Course,
): Promise<void> {
  const name = crew.at(slot);
  await run.shiftClock(name, aheadMs);
  observed(`${name} has answered`);
  await lasting();
  await run.shiftClock(name, 0);
}

async function broken(
  { scene }: Stage,
  { action, which }: Of<"broker">,
  { lasting, observed }: Course,
): Promise<void> {
  const { cluster } = scene.run;
  try {
    const node = await nodeOf(scene, which);
    await happen(scene, node, action, which);
    if (action !== "stop") observed(`broker ${node} has ended`);
    await lasting();
    if (action === "stop") {
      const address = cluster.witnessBrokers[cluster.nodes.indexOf(node)];
      const silent = address === undefined ? null : await silence(endpointOf(address));
      if (silent !== null) observed(`broker ${node} does not answer: ${silent}`);
      await happen(scene, node, "continue", node);
      await cluster.healthy(HEALTHY_MS);
      return;
    }
    if (action === "fill disk") await happen(scene, node, "free disk", node);
    await happen(scene, node, "restart", node);
  } catch (error) {
    if (error instanceof Unmet || error instanceof SubjectError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new Unmet(`broker ${action}`, "environment", why);
  }
}

/** Those that start meanwhile are spared: who cannot even join may rightly give up. */
async function disturbed(
  { scene, crew }: Stage,
  { slot, api, direction, act, times }: Of<"wire">,
  { lasting, observed }: Course,
): Promise<void> {
  const name = crew.at(slot);
  const client = api === "Produce" ? `${name}-producer` : name;
  const rule = scene.run.rule({
    name: `${api} ${direction}s of ${client}`,
    match: { clientId: client, apiKeys: [keyOfApi(api)], direction },
    act: actOf(scene, act),
    ...(times === undefined ? {} : { times }),
  });
  try {
    await lasting();
    if (rule.acted > 0) observed(`${rule.acted} of ${rule.matched} frames`);
  } finally {
    rule.release();
  }
}

async function handled(
  { scene: { run }, handlers }: Stage,
  { how, partition }: Of<"handlers">,
  { lasting, observed }: Course,
): Promise<void> {
  const before = run.ledger.works.length;
  const end = handlers.begin(how, partition);
  try {
    await lasting();
    const met = run.ledger.works.slice(before).filter((work) => work.partition === partition);
    if (met.length > 0) observed(`${met.length} handlers`);
  } finally {
    end();
  }
}
