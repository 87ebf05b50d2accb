import type {
  AssignedPartition,
  CommitOffset,
  EpochPartition,
  KafkaRecord,
  OffsetRanges,
  TopicPartition,
} from "@sluice/core";
import { decodeCommitMetadata } from "@sluice/core";
import type { SimProcess } from "../client/sim-process.ts";
import { keyOf } from "../partition-key.ts";
import { covers, entryOf, includes, isSettled, laneOf, unsettled } from "./assignment-page.ts";
import type { Entry, Page } from "./assignment-page.ts";
import type { Coverage } from "./coverage.ts";

export interface BookRules {
  readonly ordering: "key" | "partition" | "none";
  readonly batch: { readonly size: number; readonly by: "lane" | "partition" } | null;
  /** Commits have metadata, and the broker takes all of it. */
  readonly tellsAll: boolean;
}

/**
 * Keeps for each assignment of a partition what its client delivered and what has come of each record,
 * and judges every begin and every commit by it. The checker judges by offset; here a record is the
 * one that was delivered, so that it holds also where an unclean election has given its offset to
 * another.
 */
export class AssignmentBook {
  readonly #rules: BookRules;
  readonly #coverage: Coverage;
  readonly #tell: (problem: string) => void;
  readonly #pages = new Map<string, Page>();
  /** By record: the process that settled it. */
  readonly #settledBy = new Map<KafkaRecord, SimProcess>();
  readonly #killed = new Set<SimProcess>();
  /** Dead letters, by process and origin. */
  readonly #acknowledged = new Set<string>();

  constructor(rules: BookRules, coverage: Coverage, tell: (problem: string) => void) {
    this.#rules = rules;
    this.#coverage = coverage;
    this.#tell = tell;
  }

  assigning(process: SimProcess, partitions: readonly AssignedPartition[]): void {
    for (const { committed, low, high, ...partition } of partitions) {
      const isInLog = committed !== null && committed.offset >= low && committed.offset <= high;
      const known = isInLog
        ? decodeCommitMetadata(committed.metadata, committed.offset)
        : { settled: [], leaderEpoch: null };
      this.#pages.set(pageKey(process, partition), {
        restored: known.settled,
        restoredEpoch: known.leaderEpoch,
        isVoid: false,
        entries: [],
        first: 0,
        position: -1,
        highestEpoch: -1,
        refused: null,
        owesCommit: committed !== null && !isInLog,
      });
    }
  }

  delivered(
    process: SimProcess,
    partition: EpochPartition,
    records: readonly KafkaRecord[],
    nextPosition: number,
  ): void {
    const page = this.#pages.get(pageKey(process, partition))!;
    for (const record of records) {
      const { offset, leaderEpoch = -1 } = record;
      page.highestEpoch = Math.max(page.highestEpoch, leaderEpoch);
      const isNamed = includes(page.restored, offset);
      // SLC-CMD-011: epochs grow along a log, so that none of what follows is what was settled.
      if (isNamed && page.restoredEpoch !== null && leaderEpoch > page.restoredEpoch) {
        page.isVoid = true;
        this.#coverage.hit("a restored range is void for a later leader epoch");
      }
      const isRestored = isNamed && !page.isVoid;
      if (isRestored) this.#restored(process, record);
      page.entries.push({ record, isRestored, settledAt: null, isRunning: false });
    }
    page.position = nextPosition;
  }

  #restored(process: SimProcess, record: KafkaRecord): void {
    const by = this.#settledBy.get(record);
    if (by === undefined || by === process) return;
    this.#coverage.hit(
      this.#killed.has(by)
        ? "finished work is saved by metadata after a kill"
        : "finished work is saved by metadata after a handover",
    );
  }

  killed(process: SimProcess): void {
    this.#killed.add(process);
  }

  /** These were handed out together; one alone without batches. */
  began(process: SimProcess, epoch: number, records: readonly KafkaRecord[]): void {
    const { ordering, batch } = this.#rules;
    const [head] = records;
    const page = this.#pages.get(pageKey(process, { ...head!, epoch }));
    const where = `${process.name} began ${keyOf(head!)}@${records.map(({ offset }) => offset).join()}`;
    if (page === undefined) return this.#tell(`${where} in epoch ${epoch}, which it was not given`);
    if (records.length > (batch?.size ?? 1)) this.#tell(`${where}: more than ${batch?.size ?? 1}`);
    const together = new Set(records);
    let before = -1;
    for (const record of records) {
      if (record.offset <= before) this.#tell(`${where}, which is not in the order of offsets`);
      before = record.offset;
      const entry = entryOf(page, record.offset);
      if (entry?.record !== record) this.#tell(`${where}, which was not delivered in this epoch`);
      else if (entry.isRestored) this.#tell(`${where}, which its start's metadata calls settled`);
      else if (entry.settledAt !== null) this.#tell(`${where}, which was settled in this epoch`);
      else if (entry.isRunning) this.#tell(`${where}, which is running`);
      if (entry !== undefined) entry.isRunning = true;
      const lane = laneOf(ordering, record);
      if (lane === null) continue;
      if (batch?.by === "lane" && lane !== laneOf(ordering, head!)) {
        this.#tell(`${where}, of more than one lane`);
      }
      for (const earlier of unsettled(page, record.offset)) {
        if (laneOf(ordering, earlier.record) !== lane || together.has(earlier.record)) continue;
        this.#tell(`${where} before ${earlier.record.offset} of the same lane was settled`);
        break;
      }
    }
  }

  /** An attempt is over, however it ended. */
  ended(process: SimProcess, epoch: number, { offset, ...partition }: KafkaRecord): void {
    const page = this.#pages.get(pageKey(process, { ...partition, epoch }));
    const entry = page === undefined ? undefined : entryOf(page, offset);
    if (entry !== undefined) entry.isRunning = false;
  }

  /** By its handler, in the epoch that began it. */
  settled(process: SimProcess, epoch: number, record: KafkaRecord, now: number): void {
    const page = this.#pages.get(pageKey(process, { ...record, epoch }));
    const entry = page === undefined ? undefined : entryOf(page, record.offset);
    if (entry !== undefined) this.#settle(process, entry, now);
  }

  /** The broker's word that a dead letter is written has reached the process. */
  acknowledged(process: SimProcess, origin: TopicPartition & { readonly offset: number }): void {
    this.#acknowledged.add(letterKey(process, origin));
  }

  /** The process takes the record for settled by its dead letter, in this epoch. */
  deadLettered(
    process: SimProcess,
    at: EpochPartition & { readonly offset: number },
    now: number,
  ): void {
    if (!this.#acknowledged.has(letterKey(process, at))) {
      this.#tell(`${process.name} settled ${keyOf(at)}@${at.offset} without its dead letter`);
    }
    const page = this.#pages.get(pageKey(process, at));
    const entry = page === undefined ? undefined : entryOf(page, at.offset);
    if (entry !== undefined) this.#settle(process, entry, now);
  }

  #settle(process: SimProcess, entry: Entry, now: number): void {
    entry.settledAt ??= now;
    if (!this.#settledBy.has(entry.record)) this.#settledBy.set(entry.record, process);
  }

  /** What was delivered behind a record, and how much of it is settled. */
  behind(
    process: SimProcess,
    at: EpochPartition & { readonly offset: number },
  ): { readonly delivered: number; readonly settled: number } {
    const { entries } = this.#pages.get(pageKey(process, at))!;
    const behind = entries.filter(({ record }) => record.offset > at.offset);
    return { delivered: behind.length, settled: behind.filter(isSettled).length };
  }

  committing(process: SimProcess, commit: CommitOffset, now: number): void {
    const page = this.#pages.get(pageKey(process, commit));
    if (page === undefined) return;
    page.owesCommit = false;
    const { offset, metadata = "" } = commit;
    const where = `${process.name} asked to commit ${keyOf(commit)}@${offset} ${metadata}`.trim();
    const [open] = unsettled(page, offset);
    if (open !== undefined) this.#tell(`${where} before ${open.record.offset} was settled`);
    const known = decodeCommitMetadata(metadata, offset);
    if (known.rejected !== null) this.#tell(`${where}: its metadata is ${known.rejected}`);
    if (known.truncated) this.#coverage.hit("commit metadata is cut short");
    if (page.refused?.offset === offset && metadata.length >= page.refused.chars) {
      this.#tell(`${where}, which is no shorter than what was refused (SLC-CMD-005)`);
    }
    this.#judgeClaims(page, known, where);
    const mayLeaveOut = known.truncated || (metadata === "" && !this.#rules.tellsAll);
    if (!mayLeaveOut) this.#judgeOmissions(page, offset, known.settled, where, now);
  }

  /** They were given up in good order. */
  revoked(process: SimProcess, partitions: readonly EpochPartition[]): void {
    for (const partition of partitions) {
      // ADR 0018: else the next owner might begin there, once the log has grown over it.
      if (!this.#pages.get(pageKey(process, partition))?.owesCommit) continue;
      this.#tell(
        `${process.name} left an offset outside the log committed for ${keyOf(partition)}`,
      );
    }
  }

  /** The process hears that the broker takes less metadata. */
  refused(process: SimProcess, commit: CommitOffset): void {
    const page = this.#pages.get(pageKey(process, commit));
    if (page === undefined) return;
    page.refused = { offset: commit.offset, chars: commit.metadata?.length ?? 0 };
  }

  /** What metadata calls settled is. */
  #judgeClaims(page: Page, { settled, leaderEpoch }: Known, where: string): void {
    if (settled.length === 0) return;
    let highest = -1;
    for (const { record, settledAt, isRestored } of page.entries) {
      if (!includes(settled, record.offset)) continue;
      if (settledAt === null && !isRestored) {
        this.#tell(`${where}, whose metadata calls ${record.offset} settled`);
      }
      highest = Math.max(highest, record.leaderEpoch ?? -1);
    }
    for (let i = 0; i < settled.length; i += 2) {
      const from = Math.max(settled[i]!, page.position);
      const to = settled[i + 1]!;
      if (from >= to) continue;
      highest = Math.max(highest, page.restoredEpoch ?? -1);
      if (!page.isVoid && covers(page.restored, from, to)) continue;
      this.#tell(`${where}, whose metadata calls ${from} settled, which was never fetched`);
    }
    // SLC-CMD-006. A lower one would make readers repeat what is settled, and a higher one than any
    // that is known skip what is new.
    const known = Math.max(page.highestEpoch, page.restoredEpoch ?? -1);
    if (leaderEpoch === null || leaderEpoch < highest || leaderEpoch > known) {
      this.#tell(`${where}, whose metadata names the leader epoch ${leaderEpoch}, not ${highest}`);
    }
  }

  /** What is settled above the offset is told. */
  #judgeOmissions(page: Page, base: number, told: OffsetRanges, where: string, now: number): void {
    for (let i = page.entries.length - 1; i >= 0; i--) {
      const { record, settledAt } = page.entries[i]!;
      if (record.offset <= base) break;
      // At this very time it may not have been heard of.
      if (settledAt === null || settledAt >= now || includes(told, record.offset)) continue;
      this.#tell(`${where}, which leaves out that ${record.offset} is settled`);
    }
    if (page.isVoid) return;
    for (let i = 0; i < page.restored.length; i += 2) {
      const from = Math.max(page.restored[i]!, page.position, base + 1);
      const to = page.restored[i + 1]!;
      if (from >= to || covers(told, from, to)) continue;
      this.#tell(`${where}, which leaves out ${from} to ${to - 1}, restored and not fetched yet`);
    }
  }
}

type Known = Pick<ReturnType<typeof decodeCommitMetadata>, "settled" | "leaderEpoch">;

function letterKey(
  { incarnation }: SimProcess,
  origin: TopicPartition & { readonly offset: number },
): string {
  return `${incarnation} ${keyOf(origin)}@${origin.offset}`;
}

function pageKey(
  { incarnation }: SimProcess,
  partition: { topic: string; partition: number; epoch: number | string },
): string {
  return `${incarnation} ${keyOf(partition)}#${partition.epoch}`;
}
