import type { Case } from "../runner/case.ts";
import type { CaseSettings } from "../runner/case-settings.ts";
import { DEFAULT_SETTINGS } from "../runner/case-settings.ts";
import type { CaseFile, SettingsFile } from "./case-file.ts";
import { absoluteMs } from "./duration.ts";
import { missing, missingOperations } from "./requirements.ts";
import { Scene } from "./scene.ts";
import { mendBrokers } from "./steps/broker-steps.ts";
import { allSteps, play } from "./steps/index.ts";
import { DEFAULT_WORKLOAD_FILE, recordsOf } from "./workload-file.ts";

/** A case as it is run, with the file that it is told from. */
export interface SuiteCase extends Case {
  readonly file: CaseFile;
}

/** What the runner runs, from what the file says. */
export function toCase(file: CaseFile): SuiteCase {
  const { requires = [], settings = {}, steps = [], workload = DEFAULT_WORKLOAD_FILE } = file;
  const partitions = settings.partitions ?? DEFAULT_SETTINGS.partitions;
  const all = [...allSteps(steps)];
  const vectors = all.flatMap((step) => ("ask" in step ? step.ask : []));
  const drawn = all.flatMap((step) => ("draw" in step ? [step.draw] : []));
  const grown = all.flatMap((step) => ("addPartitions" in step ? [step.addPartitions] : []));
  return {
    file,
    id: file.id,
    level: file.level,
    title: file.title,
    about: file.about.trim(),
    draft: file.draft ?? null,
    kills: file.kills ?? {},
    needs: file.needs ?? [],
    requires: (capabilities) =>
      missing(requires, capabilities) ?? missingOperations(vectors, drawn, capabilities),
    ...(file.rebalance === undefined ? {} : { rebalance: file.rebalance }),
    ...(grown.length === 0 ? {} : { growsTo: Math.max(...grown) }),
    invariants: file.invariants,
    faults: all.flatMap((step) => ("inject" in step ? [step.inject] : [])),
    duplicates: file.duplicates ?? "none",
    idleMembers: file.idleMembers ?? false,
    settings: settingsOf(settings),
    workload: (seed) => recordsOf(workload, seed, partitions),
    run: async (run) => {
      const scene = new Scene(run);
      try {
        await play(scene, steps);
      } finally {
        await mendBrokers(scene);
      }
    },
  };
}

function settingsOf(file: SettingsFile): Partial<CaseSettings> {
  const { partitions, concurrency, ordering, startAt, bufferBytes, retry } = file;
  const { limits } = DEFAULT_SETTINGS;
  return defined({
    partitions,
    concurrency,
    ordering,
    startAt,
    bufferBytes,
    commitIntervalMs: ms(file.commitInterval),
    sessionTimeoutMs: ms(file.session),
    rebalanceTimeoutMs: ms(file.rebalance),
    drainTimeoutMs: ms(file.drain),
    retry:
      retry === undefined
        ? undefined
        : { maxAttempts: retry.maxAttempts, backoffMs: absoluteMs(retry.backoff) },
    limits: {
      settleMs: ms(file.settleWithin) ?? limits.settleMs,
      commitMs: ms(file.commitWithin) ?? limits.commitMs,
      stopMs: ms(file.stopWithin) ?? limits.stopMs,
    },
  });
}

function ms(text: string | undefined): number | undefined {
  return text === undefined ? undefined : absoluteMs(text);
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Defined<T>;
}
