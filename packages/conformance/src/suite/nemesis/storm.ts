import { Unmet } from "../../runner/condition.ts";
import type { StormFile } from "../case-file.ts";
import { evenWorkload } from "../../runner/workload.ts";
import type { Scene } from "../scene.ts";
import { Crew } from "./crew.ts";
import type { PlannedFault } from "./fault.ts";
import { sayFault } from "./fault.ts";
import { Feeder } from "./feeder.ts";
import { HandlerFaults } from "./handler-faults.ts";
import { Locks } from "./locks.ts";
import { perform } from "./perform.ts";
import type { Stage } from "./perform.ts";
import { arenaFor, planStorm, usesOf } from "./plan.ts";

const HEALTHY_MS = 30_000;
/**
 * So long a fault that is due waits for a handler to run: records come in small heaps, and a quick member
 * has done with each before the next. A group that has lost its broker runs none, and is not waited for.
 */
const WORK_MS = 1_000;
/** For each partition, when all is healed: without them nobody could show progress. */
const LAST_RECORDS = 5;
/** Of the faults of a plan, so many per cent must begin before its end: a slow machine is late with some. */
const BEGUN_PERCENT = 50;
/** Of those, so many must be seen to act. */
const SEEN_PERCENT = 50;
/** And so many must begin while handlers run: a group that has lost its broker or is being rebalanced runs none. */
const BUSY_PERCENT = 25;

/** Safety: everything of the plan goes wrong. It ends with all healed and new records in all partitions. */
export async function storm(scene: Scene, size: StormFile): Promise<void> {
  const { run } = scene;
  const lastsMs = scene.milliseconds(size.lasts);
  const arena = arenaFor(run.cluster, run.subject, run.settings);
  const plan = planStorm(run.seed, { ...size, lastsMs }, arena);
  const stage: Stage = {
    scene,
    crew: new Crew(scene, size.members),
    handlers: new HandlerFaults(scene, arena),
    locks: new Locks(),
  };
  const feeder = new Feeder(scene, size.perSecond, lastsMs);
  const started = run.now;
  const begun: PlannedFault[] = [];
  const seen: PlannedFault[] = [];
  let busy = 0;
  let over = false;
  const play = async (planned: PlannedFault): Promise<void> => {
    const { number, at, fault } = planned;
    await run.untilTime(started + at, () => over);
    if (over) return;
    const name = `${number} ${sayFault(fault)}`;
    // The plan keeps them apart; a machine that lags behind must not bring them together.
    const release = await stage.locks.take(usesOf(fault), () => stage.crew.allStarted());
    try {
      await run.untilTime(run.now + WORK_MS, () => over || run.held().length > 0);
      // What a slow machine has pushed beyond the end is left out.
      if (!over && run.now < started + lastsMs) await happen(name, planned);
    } finally {
      release();
    }
  };
  const happen = async (name: string, planned: PlannedFault): Promise<void> => {
    const { number, lasts, fault } = planned;
    run.step(`fault ${number} of ${plan.length}: ${sayFault(fault)}`);
    begun.push(planned);
    const running = run.held().length;
    if (running > 0) busy += 1;
    const injected = run.inject(name, `${running} handlers run`);
    await perform(stage, planned, {
      lasting: () => run.untilTime(run.now + lasts, () => over),
      observed: (how) => {
        seen.push(planned);
        injected.observed(how);
      },
    });
    injected.healed();
  };
  try {
    // When one of them fails, the others shall heal and not begin anew.
    await Promise.all(
      plan.map(async (planned) => {
        try {
          await play(planned);
        } catch (error) {
          over = true;
          throw error;
        }
      }),
    );
  } finally {
    over = true;
    await feeder.stop();
    stage.handlers.end();
  }
  const unseen = begun
    .filter((planned) => !seen.includes(planned))
    .map(({ number, fault }) => `${number} ${sayFault(fault)}`);
  run.guard(
    "faults were seen to act",
    seen.length * 100 >= begun.length * SEEN_PERCENT &&
      begun.length * 100 >= plan.length * BEGUN_PERCENT,
    `${seen.length} of ${begun.length} faults begun, of ${plan.length} planned` +
      (unseen.length === 0 ? "" : `; without effect: ${unseen.join("; ")}`),
  );
  run.guard(
    "faults met work in progress",
    busy * 100 >= begun.length * BUSY_PERCENT,
    `${busy} of ${begun.length} faults began while handlers ran`,
  );
  await progressWanted(scene, feeder);
}

/** Liveness begins: all is healed, and there is something to do in every partition. */
async function progressWanted(scene: Scene, feeder: Feeder): Promise<void> {
  const { run } = scene;
  run.step(`all is healed: ${LAST_RECORDS} more records for each partition`);
  try {
    await run.cluster.healthy(HEALTHY_MS);
    await run.produce(
      evenWorkload(run.seed + 2, run.partitions, LAST_RECORDS, (p, o) => `last-${p}-${o}`),
    );
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Unmet("the healed cluster takes records", "environment", why);
  }
  run.guard(
    "records came in",
    run.produced.length > 0,
    `${run.produced.length} acknowledged, ${feeder.refused} were not`,
  );
}
