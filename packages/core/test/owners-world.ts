import type { CommitOffset } from "../src/port/consumer-port.ts";
import { accepted, at, Drive, record, refused } from "./drive.ts";

/** A record's fate, as the handler knows it and as the group was told. */
interface Group {
  /** Offsets whose handler has ended well. */
  readonly handled: Set<number>;
  /** Of these, the ones that the last applied commit told. */
  told: ReadonlySet<number>;
  committed: { readonly offset: number; readonly metadata: string };
}

/** How often what is worth testing has come about. */
export const seen = { restored: 0, truncated: 0, crashedAhead: 0, appliedUnheard: 0 };

/** One owner of the partition after another, over the same log. */
export class OwnersWorld {
  readonly #log: readonly number[];
  readonly #chars: number;
  readonly #group: Group = {
    handled: new Set(),
    told: new Set(),
    committed: { offset: 0, metadata: "" },
  };
  #drive!: Drive;
  #epoch = 0;
  #now = 0;
  #fetched = 0;
  #running: number[] = [];
  /** What this owner knows to be settled: told by the commit it began at, or handled by itself. */
  #known = new Set<number>();
  #commits: { id: number; offsets: readonly CommitOffset[]; known: ReadonlySet<number> }[] = [];

  constructor(log: readonly number[], chars: number) {
    this.#log = log;
    this.#chars = chars;
    this.crash();
  }

  /** The owner is gone without a word; the next one begins at what the group was told. */
  crash(): void {
    const { committed, handled, told } = this.#group;
    if ([...handled].some((offset) => offset >= committed.offset && told.has(offset))) {
      seen.crashedAhead++;
    }
    this.#drive = new Drive({
      concurrency: 6,
      budget: { records: 30, bytes: 1e9 },
      commitMetadataChars: this.#chars,
      laneSeed: this.#epoch,
    });
    this.#running = [];
    this.#commits = [];
    this.#known = new Set(told);
    const partition = { ...at(0, ++this.#epoch), committed, low: 0, high: this.#end };
    this.#drive.engine.assigned([partition], this.#now);
    this.#fetched = this.#log.filter((offset) => offset < committed.offset).length;
    this.#perform();
  }

  fetch(count: number): void {
    const batch = this.#log.slice(this.#fetched, this.#fetched + count);
    if (batch.length === 0) return;
    this.#fetched += batch.length;
    const records = batch.map((offset) => record(0, offset, `k${offset % 7}`));
    const before = this.#drive.engine.snapshot(this.#now).totals.restored;
    const next = this.#log[this.#fetched] ?? this.#end;
    this.#drive.engine.recordsFetched(at(0, this.#epoch), records, next, this.#now);
    seen.restored += this.#drive.engine.snapshot(this.#now).totals.restored - before;
    this.#perform();
  }

  finish(pick: number): void {
    if (this.#running.length === 0) return;
    const [token] = this.#running.splice(pick % this.#running.length, 1);
    const { offset } = this.#drive.engine.record(token!);
    this.#group.handled.add(offset);
    this.#known.add(offset);
    this.#drive.engine.handlerFinished(token!, { type: "ok" }, this.#now, 0);
    this.#perform();
  }

  pass(ms: number): void {
    this.#now += ms;
    this.#drive.engine.timerFired(this.#now);
    this.#perform();
  }

  answerCommit(outcome: "ok" | "too-large" | "lost" | "unheard"): void {
    const commit = this.#commits.shift();
    if (commit === undefined) return;
    const { id, offsets, known } = commit;
    if (outcome === "ok" || outcome === "unheard") {
      const [{ offset, metadata = "" }] = offsets as [CommitOffset];
      this.#group.committed = { offset, metadata };
      // The base itself cannot be told. It is repeated when it was restored and not fetched yet.
      this.#group.told = new Set([...known].filter((each) => each !== offset));
    }
    if (outcome === "unheard") seen.appliedUnheard++;
    const results =
      outcome === "ok"
        ? accepted(offsets)
        : refused(offsets, outcome === "too-large" ? "metadata-too-large" : "retriable");
    this.#drive.engine.commitAnswered(id, results, this.#now);
    this.#perform();
  }

  /** Everything is fetched, handled and committed in the end. */
  heal(): void {
    for (let round = 0; this.#group.committed.offset < this.#end; round++) {
      check(round < 1_000, "it stands still");
      this.fetch(5);
      this.finish(0);
      this.pass(1_000);
      this.answerCommit("ok");
    }
    const unhandled = this.#log.filter((offset) => !this.#group.handled.has(offset));
    check(unhandled.length === 0, `never handled: ${unhandled.join(", ")}`);
  }

  get #end(): number {
    return this.#log.at(-1)! + 1;
  }

  #perform(): void {
    for (const effect of this.#drive.take()) {
      if (effect.type === "dispatch") {
        const { offset } = this.#drive.engine.record(effect.token);
        check(this.#isTruncated || !this.#group.told.has(offset), `repeats ${offset}`);
        this.#running.push(effect.token);
      } else if (effect.type === "commit") {
        const { id, offsets } = effect;
        this.#commits.push({ id, offsets, known: new Set(this.#known) });
      }
    }
  }

  /** With so few characters some of what is settled had to be left out. */
  get #isTruncated(): boolean {
    if (this.#chars >= 1_000) return false;
    seen.truncated++;
    return true;
  }
}

function check(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise);
}
