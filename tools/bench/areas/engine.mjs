// @ts-check
// What the whole engine costs a record (admit, lane, dispatch, settle, frontier), against the least that
// any consumer does: call the handler, await it, go on.
import { ConsumerEngine } from "../../../packages/core/dist/index.js";

export const title = "Engine: a record from fetch to frontier, no-op handler";
const PARTITIONS = 6;
const BATCH = 500;
const RECORDS = 100_000;
const HELD = 5_000;
const BARE = "bare promise loop, 64 at once";
const SHARED = "bare promise loop that does not know who has ended";

/**
 * @typedef {import("../../../packages/core/dist/index.js").KafkaRecord} KafkaRecord
 * @typedef {object} Shape
 * @property {number} concurrency
 * @property {number} keys
 * @property {number} [held] records held at once, the engine is fed up to this many
 * @property {number} [records]
 * @property {boolean} [sync]
 * @property {boolean} [metadata] remembers what is settled above the frontier, for commits
 */

const goalOfTheEngine = /** @type {const} */ ([
  { of: "ratio", atMost: 5 },
  { of: "gcShare", atMost: 0.1 },
]);
const NORMAL = "async, 64 at once, 10^4 keys, 5,000 held";
const ONE_AT_ONCE = "async, 1 at once";
const FEW_KEYS = "async, 10^2 keys";
const FEW_HELD = "async, 10^3 held";

/** @type {readonly (Shape & Pick<import("../lib/area.ts").Variant, "name" | "base" | "goals">)[]} */
const shapes = [
  { name: NORMAL, base: BARE, goals: goalOfTheEngine, concurrency: 64, keys: 1e4 },
  {
    name: "async, commits without metadata",
    base: NORMAL,
    concurrency: 64,
    keys: 1e4,
    metadata: false,
  },
  { name: ONE_AT_ONCE, base: NORMAL, concurrency: 1, keys: 1e4 },
  {
    name: "async, 1,000 at once",
    base: ONE_AT_ONCE,
    concurrency: 1_000,
    keys: 1e4,
    goals: [{ of: "ratio", atMost: 1.3 }],
  },
  { name: FEW_KEYS, base: NORMAL, concurrency: 64, keys: 1e2 },
  {
    name: "async, 10^6 keys",
    base: FEW_KEYS,
    concurrency: 64,
    keys: 1e6,
    goals: [{ of: "ratio", atMost: 2.5 }],
    records: 300_000,
  },
  {
    name: "sync",
    base: NORMAL,
    concurrency: 64,
    keys: 1e4,
    sync: true,
    goals: [{ of: "ratio", atMost: 0.65 }],
  },
  { name: FEW_HELD, base: NORMAL, concurrency: 64, keys: 1e4, held: 1e3 },
  {
    name: "async, 10^4 held",
    base: FEW_HELD,
    concurrency: 64,
    keys: 1e4,
    held: 1e4,
    goals: [{ of: "ratio", atMost: 1.5 }],
  },
  {
    name: "async, 10^5 held",
    base: FEW_HELD,
    concurrency: 64,
    keys: 1e4,
    held: 1e5,
    records: 300_000,
    goals: [{ of: "ratio", atMost: 3 }],
  },
  {
    name: "async, 10^6 held",
    base: FEW_HELD,
    concurrency: 64,
    keys: 1e4,
    held: 1e6,
    records: 1_000_000,
  },
];

/** @type {readonly import("../lib/area.ts").Variant[]} */
export const variants = [
  {
    name: BARE,
    make: () => {
      const records = makeBatches(RECORDS, 1e4).flat();
      return () => bareLoop(records, 64);
    },
  },
  {
    name: SHARED,
    base: BARE,
    make: () => () => sharedLoop(RECORDS, 64),
  },
  ...shapes.map(({ name, base, goals, ...shape }) => ({
    name,
    ...(base !== undefined && { base }),
    ...(goals && { goals }),
    make: () => {
      const batches = makeBatches(shape.records ?? RECORDS, shape.keys);
      const handler = shape.sync ? () => undefined : asyncHandler;
      const driver = new Driver(batches, shape, handler);
      return () => driver.pass();
    },
  })),
];

async function asyncHandler() {}

/**
 * Batches of one partition each, made before the clock starts and laid out in memory as a client
 * leaves them: record after record, keys over one slab.
 * @param {number} count @param {number} keys
 */
function makeBatches(count, keys) {
  const slab = Buffer.alloc(count * 12);
  const value = Buffer.alloc(100);
  const result = [];
  for (let made = 0; made < count; made += BATCH) {
    const turn = made / BATCH;
    const partition = turn % PARTITIONS;
    const base = Math.floor(turn / PARTITIONS) * BATCH;
    /** @type {KafkaRecord[]} */
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

/**
 * The least that a consumer does: a callback for each record, since it has to know which has ended.
 * @param {readonly KafkaRecord[]} records @param {number} concurrency @returns {Promise<number>}
 */
function bareLoop(records, concurrency) {
  return new Promise((resolve) => {
    let next = 0;
    let running = 0;
    let done = 0;
    /** @param {number} index */
    function finish(index) {
      running--;
      if (records[index] === undefined) throw new Error("no such record");
      if (++done === records.length) resolve(done);
      else pump();
    }
    function pump() {
      while (running < concurrency && next < records.length) {
        const index = next++;
        running++;
        const finished = () => finish(index);
        // @ts-ignore it takes no record, as the engine's handler
        asyncHandler(records[index]).then(finished, finished);
      }
    }
    pump();
  });
}

/** One callback for all, which only counts. @param {number} count @param {number} concurrency @returns {Promise<number>} */
function sharedLoop(count, concurrency) {
  return new Promise((resolve) => {
    let next = 0;
    let running = 0;
    let done = 0;
    const finished = () => {
      running--;
      if (++done === count) resolve(done);
      else pump();
    };
    function pump() {
      while (running < concurrency && next < count) {
        running++;
        next++;
        asyncHandler().then(finished, finished);
      }
    }
    pump();
  });
}

const OK = /** @type {const} */ ({ type: "ok" });

/**
 * Drives one engine through any number of passes, as the runtime would. An engine and its sink live as
 * long as their process: with new ones for each pass it would be V8's warming up that is measured.
 */
class Driver {
  /** @type {number[]} */
  synchronous = [];
  settled = 0;
  nextBatch = 0;
  held = 0;
  epoch = 0;
  /** @type {(records: number) => void} */
  resolve = () => {};

  /**
   * @param {readonly (readonly KafkaRecord[])[]} work
   * @param {Shape} shape
   * @param {(record: KafkaRecord) => Promise<void> | undefined} handler
   */
  constructor(work, { concurrency, held = HELD, metadata = true }, handler) {
    this.work = work;
    this.total = work.length * BATCH;
    this.hold = held;
    this.handler = handler;
    /** @type {import("../../../packages/core/dist/index.js").EpochPartition[]} */
    this.partitions = [];
    this.engine = new ConsumerEngine(
      {
        ordering: "key",
        concurrency,
        budget: { records: 10_000_000, bytes: 2 ** 50 },
        retry: { maxAttempts: 5, backoff: { type: "fixed", delayMs: 100 } },
        deadLetter: true,
        commitIntervalMs: 1_000,
        commitMetadataChars: metadata ? 4_000 : 0,
        startAt: "earliest",
        stallAfterMs: 60_000,
        laneSeed: 42,
        handlerTimeoutMs: Infinity,
        batch: null,
      },
      this,
    );
  }

  /** All the work once, in an epoch of its own. @returns {Promise<number>} */
  pass() {
    return new Promise((resolve) => {
      this.resolve = resolve;
      this.settled = 0;
      this.nextBatch = 0;
      this.engine.lost(this.partitions, 0);
      this.epoch++;
      this.partitions = Array.from({ length: PARTITIONS }, (_, partition) => ({
        topic: "bench",
        partition,
        epoch: this.epoch,
      }));
      this.engine.assigned(
        this.partitions.map((partition) => ({ ...partition, committed: null, low: 0, high: 0 })),
        0,
      );
      this.goOn();
    });
  }

  // Effects. An asynchronous handler may be started at once; the end of a synchronous one has to wait
  // until the engine has returned.

  /** @param {number} token */
  dispatch(token) {
    const result = this.handler(this.engine.record(token));
    if (result === undefined) {
      this.synchronous.push(token);
      return;
    }
    const finished = () => {
      this.finish(token);
      this.goOn();
    };
    result.then(finished, finished);
  }
  dispatchBatch() {}
  abort() {}
  deadLetter() {}
  commit() {}
  pause() {}
  resume() {}
  setTimer() {}
  released() {}
  drained() {}
  notify() {}

  /** @param {number} token */
  finish(token) {
    this.engine.handlerFinished(token, OK, 1, 0);
    this.settled++;
    this.held--;
  }

  goOn() {
    for (;;) {
      let token;
      while ((token = this.synchronous.pop()) !== undefined) this.finish(token);
      if (this.held >= this.hold || this.nextBatch === this.work.length) break;
      this.feed();
    }
    if (this.settled === this.total) this.end();
  }

  feed() {
    while (this.held < this.hold && this.nextBatch < this.work.length) {
      const batch = this.work[this.nextBatch++] ?? [];
      this.held += batch.length;
      const [first] = batch;
      if (first === undefined) throw new Error("an empty batch");
      const partition = this.partitions[first.partition];
      if (partition === undefined) throw new Error("a batch of no partition");
      this.engine.recordsFetched(partition, batch, first.offset + batch.length, 1);
    }
  }

  end() {
    const { held, partitions } = this.engine.snapshot(1);
    const committed = partitions.reduce((sum, { frontier }) => sum + frontier, 0);
    if (held.records !== 0 || committed !== this.total) throw new Error("wrong result");
    this.resolve(this.total);
  }
}
