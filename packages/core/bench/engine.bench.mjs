// Cost of the engine and of its gate, as ratios within one run:
//   taskset -c 0 node packages/core/bench/engine.bench.mjs [records]     (after a build)
//
// Every pass asserts its result: a gate that is wrong is always fast. Variants take turns, and what
// counts is CPU time, garbage collection on other threads included, so that other load on the
// machine disturbs little.
import { PerformanceObserver } from "node:perf_hooks";
import { CommitGate, ConsumerEngine } from "@sluice/core";

const PASSES = 9;
const WARM_UP = 3;
const PARTITIONS = 6;
const BATCH = 500;
const RECORDS = Math.ceil(Number(process.argv[2] ?? 200_000) / BATCH) * BATCH;
const HELD = 5_000;

let gcMs = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) gcMs += entry.duration;
}).observe({ entryTypes: ["gc"] });

/**
 * Batches of one partition each, made before the clock starts and laid out in memory as a client
 * leaves them: record after record, keys over one slab.
 */
function makeBatches(count, keys) {
  const slab = Buffer.alloc(count * 12);
  const value = Buffer.alloc(100);
  const result = [];
  for (let made = 0; made < count; made += BATCH) {
    const turn = made / BATCH;
    const partition = turn % PARTITIONS;
    const base = Math.floor(turn / PARTITIONS) * BATCH;
    const batch = [];
    for (let index = 0; index < BATCH; index++) {
      const at = (made + index) * 12;
      const key = Math.imul(made + index, 0x9e3779b1) >>> 0;
      slab.write(`k${String(key % keys).padStart(11, "0")}`, at, "latin1");
      batch.push({
        topic: "bench",
        partition,
        offset: base + index,
        timestamp: 0,
        key: slab.subarray(at, at + 12),
        value,
        headers: [],
      });
    }
    result.push(batch);
  }
  return result;
}

async function asyncHandler() {}

/** The least that any consumer does: call, await, go on; 64 at a time. */
function bareLoop(records, concurrency) {
  return new Promise((resolve) => {
    let next = 0;
    let running = 0;
    let done = 0;
    const finished = () => {
      running--;
      if (++done === records.length) resolve();
      else pump();
    };
    function pump() {
      while (running < concurrency && next < records.length) {
        running++;
        asyncHandler(records[next++]).then(finished, finished);
      }
    }
    pump();
  });
}

function engineLoop(work, total, concurrency, handler) {
  return new Promise((resolve) => {
    const OK = { type: "ok" };
    const queue = [];
    let settled = 0;
    let nextBatch = 0;
    let held = 0;
    // A sink may start an asynchronous handler at once; the end of a synchronous one has to wait
    // until the engine has returned.
    const sink = {
      dispatch(token) {
        const result = handler(engine.record(token));
        if (result === undefined) {
          queue.push(token);
          return;
        }
        const finished = () => {
          finish(token);
          goOn();
        };
        result.then(finished, finished);
      },
      commit() {},
      setTimer() {},
      pause() {},
      resume() {},
      notify() {},
    };
    const engine = new ConsumerEngine(
      {
        ordering: "key",
        concurrency,
        budget: { records: 10_000_000, bytes: 2 ** 50 },
        retry: { maxAttempts: 5, backoff: { type: "fixed", delayMs: 100 } },
        deadLetter: true,
        commitIntervalMs: 1_000,
        startAt: "earliest",
        stallAfterMs: 60_000,
        laneSeed: 42,
      },
      sink,
    );
    const partitions = Array.from({ length: PARTITIONS }, (_, partition) => ({
      topic: "bench",
      partition,
      epoch: 1,
    }));
    engine.assigned(
      partitions.map((partition) => ({ ...partition, committed: null, low: 0, high: 0 })),
      0,
    );
    function feed() {
      while (held < HELD && nextBatch < work.length) {
        const batch = work[nextBatch++];
        held += batch.length;
        engine.recordsFetched(partitions[batch[0].partition], batch, batch.at(-1).offset + 1, 1);
      }
    }
    function finish(token) {
      engine.handlerFinished(token, OK, 1, 0);
      settled++;
      held--;
    }
    function goOn() {
      for (;;) {
        while (queue.length > 0) finish(queue.pop());
        if (held >= HELD || nextBatch === work.length) break;
        feed();
      }
      if (settled === total) {
        const { held, partitions } = engine.snapshot(1);
        const committed = partitions.reduce((sum, { frontier }) => sum + frontier, 0);
        if (held.records !== 0 || committed !== total) throw new Error("wrong result");
        resolve();
      }
    }
    goOn();
  });
}

/** Admit and settle within a window of `depth`, in random order. */
function gateLoop(depth, gap) {
  const gate = new CommitGate(0, 64);
  const window = new Int32Array(depth);
  let random = 1;
  for (let index = 0; index < depth; index++) window[index] = gate.admit(gate.position + gap);
  for (let index = 0; index < RECORDS * 5; index++) {
    random = (Math.imul(random, 1664525) + 1013904223) | 0;
    const at = (random >>> 8) % depth;
    gate.settle(window[at]);
    window[at] = gate.admit(gate.position + gap);
  }
  for (const sequence of window) gate.settle(sequence);
  if (gate.frontier !== gate.position || gate.unsettled !== 0) throw new Error("wrong result");
}

/** The same loop without a gate, to be subtracted. */
function emptyLoop(depth) {
  const window = new Int32Array(depth);
  let random = 1;
  for (let index = 0; index < RECORDS * 5; index++) {
    random = (Math.imul(random, 1664525) + 1013904223) | 0;
    const at = (random >>> 8) % depth;
    window[at] = (window[at] + index) | 0;
  }
  return window[0];
}

const few = makeBatches(RECORDS, 100);
const many = makeBatches(RECORDS, 10_000);
const flat = many.flat();
const sync = () => undefined;
const variants = {
  "bare promise loop, 64": () => bareLoop(flat, 64),
  "engine, async no-op, 64, 1e4 keys": () => engineLoop(many, RECORDS, 64, asyncHandler),
  "engine, async no-op, 64, 1e2 keys": () => engineLoop(few, RECORDS, 64, asyncHandler),
  "engine, async no-op, 1, 1e4 keys": () => engineLoop(many, RECORDS, 1, asyncHandler),
  "engine, async no-op, 1000, 1e4 keys": () => engineLoop(many, RECORDS, 1_000, asyncHandler),
  "engine, sync no-op, 64, 1e4 keys": () => engineLoop(many, RECORDS, 64, sync),
};
const gates = {
  "gate loop without gate, depth 100": () => emptyLoop(100),
  "gate, depth 100, dense": () => gateLoop(100, 0),
  "gate loop without gate, depth 1e4": () => emptyLoop(10_000),
  "gate, depth 1e4, dense": () => gateLoop(10_000, 0),
  "gate, depth 1e4, gaps of 1e3": () => gateLoop(10_000, 1_000),
};

async function measure(all, perPass) {
  const samples = new Map(Object.keys(all).map((name) => [name, { ns: [], gc: [] }]));
  for (let pass = -WARM_UP; pass < PASSES; pass++) {
    for (const [name, run] of Object.entries(all)) {
      gcMs = 0;
      const before = process.cpuUsage();
      await run();
      const { user, system } = process.cpuUsage(before);
      const ns = ((user + system) * 1e3) / perPass;
      // The observer reports in a later turn.
      await new Promise((resolve) => setImmediate(resolve));
      if (pass < 0) continue;
      samples.get(name).ns.push(ns);
      samples.get(name).gc.push((gcMs * 1e6) / perPass);
    }
  }
  return samples;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
function print(samples, base) {
  const baseNs = median(samples.get(base).ns);
  for (const [name, { ns, gc }] of samples) {
    const range = `[${Math.min(...ns).toFixed(1)}..${Math.max(...ns).toFixed(1)}]`;
    console.log(
      `${name.padEnd(38)} ${median(ns).toFixed(1).padStart(7)} ns ${range.padEnd(18)} gc ${median(gc).toFixed(1).padStart(5)} ns   ratio ${(median(ns) / baseNs).toFixed(2)}`,
    );
  }
}

console.log(
  `${RECORDS} records, ${PASSES} passes after ${WARM_UP}, median [min..max], node ${process.version}`,
);
print(await measure(variants, RECORDS), "bare promise loop, 64");
print(await measure(gates, RECORDS * 5), "gate, depth 100, dense");
