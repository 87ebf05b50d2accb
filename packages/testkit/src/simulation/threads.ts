import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { merge, runSeeds } from "./campaign.ts";
import type { CampaignResult } from "./campaign.ts";

/** Which seeds are run. */
export interface Range {
  readonly from: number;
  /** Not included; Infinity for no end. */
  readonly to: number;
  /** From then on no seed is begun once there are `atLeast`. Milliseconds since the Unix epoch. */
  readonly until: number;
  readonly atLeast: number;
  /** From then on none is, whatever there is. */
  readonly latest: number;
}

interface Share extends Range {
  /** How many seeds have been taken by all threads together. */
  readonly taken: SharedArrayBuffer;
}

const FAILURES_BORNE = 20;
/** A history lives as long as its run: the usual few megabytes would have it copied over and over. */
const YOUNG_MB = 64;

/** Seeds of a range, in threads. Those that were run are the first ones of the range. */
export async function runInThreads(range: Range, threads: number): Promise<CampaignResult> {
  const share: Share = { ...range, taken: new SharedArrayBuffer(4) };
  return merge(await Promise.all(Array.from({ length: threads }, () => inThread(share))));
}

function inThread(share: Share): Promise<CampaignResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), {
      workerData: share,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

function* seedsOf({ from, to, until, atLeast, latest, taken }: Share): Generator<number> {
  const counter = new Int32Array(taken);
  for (;;) {
    const now = Date.now();
    if (now >= latest || (now >= until && Atomics.load(counter, 0) >= atLeast)) return;
    const seed = from + Atomics.add(counter, 0, 1);
    if (seed >= to) return;
    yield seed;
  }
}

if (!isMainThread) {
  // Thousands of errors are made here, and no stack of theirs is read.
  Error.stackTraceLimit = 0;
  const seeds = seedsOf(workerData as Share);
  const result = await runSeeds(seeds, ({ failed }) => failed.length >= FAILURES_BORNE);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort!.postMessage(result);
}
