import { HEADER } from "@sluice/spec";
import type { Tp } from "@sluice/checker";
import { decodeAssignment } from "../proxy/consumer-protocol.ts";
import type { Frame, Proxy } from "../proxy/proxy.ts";
import { decodeRecordBatches } from "../proxy/record-batch.ts";
import type { WireRecord } from "../proxy/record-batch.ts";
import type { History } from "./history.ts";

export interface WireScope {
  readonly group: string;
  /** Members of this case by `client.id`; producers are `<member>-producer`. */
  readonly isMember: (clientId: string) => boolean;
  /** Retry and dead letter topics. */
  readonly divertTopics: ReadonlySet<string>;
}

export type WireSource = Pick<Proxy, "onFrame" | "topicName">;

const PRODUCE = 0;
const FETCH = 1;
const OFFSET_COMMIT = 8;
const JOIN_GROUP = 11;
const HEARTBEAT = 12;
const LEAVE_GROUP = 13;
const SYNC_GROUP = 14;
const CONSUMER_GROUP_HEARTBEAT = 68;

type Stage = "arrived" | "forwarded" | "discarded";

/**
 * Writes into the history what passes between members and brokers. What a member said counts from
 * when its bytes arrived at the proxy (a commit is judged even if it is then held or lost); what a
 * broker said counts from when it was passed on.
 */
export class WireRecorder {
  readonly #proxy: WireSource;
  readonly #history: History;
  readonly #scope: WireScope;
  readonly #off: () => void;
  /** Partitions that fetches have asked for, by connection. */
  readonly #fetched = new Map<number, Set<string>>();
  /** Frames that could not be read, by what went wrong: a blind spot, never a verdict. */
  readonly unread: string[] = [];

  constructor(proxy: WireSource, history: History, scope: WireScope) {
    this.#proxy = proxy;
    this.#history = history;
    this.#scope = scope;
    this.#off = proxy.onFrame((frame, stage) => {
      try {
        this.#frame(frame, stage);
      } catch (error) {
        const what = error instanceof Error ? error.message : String(error);
        this.unread.push(`${frame.direction} of API ${frame.apiKey} v${frame.apiVersion}: ${what}`);
      }
    });
  }

  close(): void {
    this.#off();
  }

  #frame(frame: Frame, stage: Stage): void {
    const member = this.#memberOf(frame);
    if (member === null) return;
    if (frame.direction === "request") this.#request(member, frame, stage);
    else this.#response(member, frame, stage);
  }

  #request(member: string, frame: Frame, stage: Stage): void {
    switch (frame.apiKey) {
      case OFFSET_COMMIT:
        if (stage === "arrived") this.#commitRequest(member, frame);
        return;
      case JOIN_GROUP:
        if (stage !== "forwarded") return;
        this.#history.record({ type: "join", member, memberId: text(frame.body?.["memberId"]) });
        return;
      case LEAVE_GROUP: {
        if (stage !== "forwarded" || frame.body === null) return;
        // Before version 3 the member stands alone, from there on in a list.
        const [first] = list(frame.body["members"]);
        const memberId = text(first?.["memberId"] ?? frame.body["memberId"]);
        this.#history.record({ type: "leave", member, memberId });
        return;
      }
      case CONSUMER_GROUP_HEARTBEAT:
        if (stage === "forwarded") this.#consumerHeartbeat(member, frame);
        return;
      default:
    }
  }

  #response(member: string, frame: Frame, stage: Stage): void {
    if (frame.apiKey === OFFSET_COMMIT) {
      if (stage !== "arrived") this.#commitAnswer(member, frame, stage === "forwarded");
      return;
    }
    if (stage !== "forwarded") return;
    switch (frame.apiKey) {
      case SYNC_GROUP:
        this.#syncAnswer(member, frame);
        return;
      case HEARTBEAT: {
        if (frame.body?.["errorCode"] !== 0) return;
        const generation = Number(frame.request?.body?.["generationId"] ?? -1);
        this.#history.record({ type: "heartbeat", member, generation });
        return;
      }
      case CONSUMER_GROUP_HEARTBEAT:
        this.#consumerHeartbeatAnswer(member, frame);
        return;
      case PRODUCE:
        this.#produceAnswer(member, frame);
        return;
      case FETCH:
        this.#fetchAnswer(member, frame);
        return;
      default:
    }
  }

  #commitRequest(member: string, frame: Frame): void {
    const { body } = frame;
    if (body === null || body["groupId"] !== this.#scope.group) return;
    this.#history.record({
      type: "commit-request",
      member,
      memberId: text(body["memberId"]),
      generation: Number(body["generationIdOrMemberEpoch"]),
      id: commitId(frame),
      version: frame.apiVersion,
      offsets: list(body["topics"]).flatMap((topic) =>
        list(topic["partitions"]).map((partition) => ({
          topic: this.#topicOf(topic),
          partition: Number(partition["partitionIndex"]),
          offset: String(partition["committedOffset"]),
          metadata: (partition["committedMetadata"] ?? null) as string | null,
        })),
      ),
    });
  }

  #commitAnswer(member: string, frame: Frame, forwarded: boolean): void {
    if (frame.body === null || frame.request?.body?.["groupId"] !== this.#scope.group) return;
    this.#history.record({
      type: "commit-answer",
      member,
      id: commitId(frame),
      forwarded,
      results: list(frame.body["topics"]).flatMap((topic) =>
        list(topic["partitions"]).map((partition) => ({
          topic: this.#topicOf(topic),
          partition: Number(partition["partitionIndex"]),
          error: Number(partition["errorCode"]),
        })),
      ),
    });
  }

  #syncAnswer(member: string, frame: Frame): void {
    if (frame.body?.["errorCode"] !== 0) return;
    const request = frame.request?.body ?? {};
    this.#history.record({
      type: "assignment",
      member,
      memberId: text(request["memberId"]),
      generation: Number(request["generationId"]),
      protocol: "classic",
      partitions: decodeAssignment(frame.body["assignment"] as Buffer).flatMap(
        ({ topic, partitions }) => partitions.map((partition): Tp => [topic, partition]),
      ),
    });
  }

  /** KIP-848: what the member says it holds, or that it leaves. */
  #consumerHeartbeat(member: string, frame: Frame): void {
    const { body } = frame;
    if (body === null) return;
    const memberId = text(body["memberId"]);
    const generation = Number(body["memberEpoch"]);
    if (generation < 0) {
      this.#history.record({ type: "leave", member, memberId });
      return;
    }
    // Null: as it said last time.
    if (!Array.isArray(body["topicPartitions"])) return;
    this.#history.record({
      type: "owned",
      member,
      memberId,
      generation,
      partitions: this.#partitions(body["topicPartitions"]),
    });
  }

  #consumerHeartbeatAnswer(member: string, frame: Frame): void {
    const { body } = frame;
    if (body === null || body["errorCode"] !== 0) return;
    const generation = Number(body["memberEpoch"]);
    if (generation < 0) return;
    // Null, or absent: no change.
    const assignment = (body["assignment"] ?? null) as Record<string, unknown> | null;
    if (assignment !== null) {
      this.#history.record({
        type: "assignment",
        member,
        memberId: text(body["memberId"] ?? frame.request?.body?.["memberId"]),
        generation,
        protocol: "consumer",
        partitions: this.#partitions(assignment["topicPartitions"]),
      });
    }
    this.#history.record({ type: "heartbeat", member, generation });
  }

  /** Where a member begins is told once: inside an incremental fetch session (KIP-227) it is said only once, too. */
  #fetchAnswer(member: string, frame: Frame): void {
    const known = this.#fetched.get(frame.connection) ?? new Set<string>();
    this.#fetched.set(frame.connection, known);
    const from = list(frame.request?.body?.["topics"])
      .flatMap((topic) =>
        list(topic["partitions"]).map((partition) => ({
          topic: this.#topicOf(topic),
          partition: Number(partition["partition"]),
          offset: String(partition["fetchOffset"]),
        })),
      )
      .filter(({ topic, partition }) => !known.has(`${topic}-${partition}`));
    for (const { topic, partition } of from) known.add(`${topic}-${partition}`);
    const { bytes } = frame;
    this.#history.record({ type: "fetched", member, bytes, ...(from.length > 0 && { from }) });
  }

  /** A dead letter's acknowledgement names its partition and base offset; the request its origin. */
  #produceAnswer(member: string, frame: Frame): void {
    const asked = frame.request?.body ?? null;
    if (frame.body === null || asked === null) return;
    const sent = new Map<string, readonly WireRecord[]>();
    for (const topic of list(asked["topicData"])) {
      const name = this.#topicOf(topic);
      if (!this.#scope.divertTopics.has(name)) continue;
      for (const partition of list(topic["partitionData"])) {
        const batches = decodeRecordBatches((partition["records"] ?? Buffer.alloc(0)) as Buffer);
        sent.set(
          `${name}-${String(partition["index"])}`,
          batches.flatMap((batch) => batch.records ?? []),
        );
      }
    }
    for (const topic of list(frame.body["responses"])) {
      const name = this.#topicOf(topic);
      for (const answer of list(topic["partitionResponses"])) {
        // 46: the broker has this batch already, with all its records (idempotent producer).
        if (answer["errorCode"] !== 0 && answer["errorCode"] !== 46) continue;
        const partition = Number(answer["index"]);
        const records = sent.get(`${name}-${partition}`) ?? [];
        records.forEach((record, i) => {
          const origin = originOf(record);
          if (origin === null) return;
          this.#history.record({
            type: "divert-acked",
            member,
            to: [name, partition],
            toOffset: String(BigInt(String(answer["baseOffset"])) + BigInt(i)),
            origin,
          });
        });
      }
    }
  }

  /** Newer APIs name topics by id only; the proxy has learned the names from Metadata answers. */
  #topicOf(topic: Fields): string {
    const name = topic["name"] ?? topic["topicName"] ?? topic["topic"];
    if (typeof name === "string" && name !== "") return name;
    const id = text(topic["topicId"]);
    return this.#proxy.topicName(id) ?? `(topic id ${id})`;
  }

  #partitions(topics: unknown): Tp[] {
    return list(topics).flatMap((topic) =>
      (topic["partitions"] as number[]).map((partition): Tp => [this.#topicOf(topic), partition]),
    );
  }

  #memberOf(frame: Frame): string | null {
    if (frame.clientId === null) return null;
    if (this.#scope.isMember(frame.clientId)) return frame.clientId;
    const owner = frame.clientId.replace(/-producer$/, "");
    // Only what a producer produces is of interest; its other traffic is no member's.
    return frame.apiKey === PRODUCE && this.#scope.isMember(owner) ? owner : null;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function list(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? (value as Fields[]) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function commitId(frame: Frame): string {
  return `${frame.connection}:${frame.correlationId}`;
}

/** Null when the record does not say where it came from. */
export function originOf(
  record: Pick<WireRecord, "headers">,
): { topic: string; partition: number; offset: string } | null {
  const topic = headerText(record, HEADER.originTopic);
  const partition = headerText(record, HEADER.originPartition);
  const offset = headerText(record, HEADER.originOffset);
  if (topic === null || topic === "" || !integer(partition) || !integer(offset)) return null;
  return { topic, partition: Number(partition), offset };
}

/** The last value of a header as text; null when it is missing or null. */
export function headerText(record: Pick<WireRecord, "headers">, name: string): string | null {
  const found = record.headers.findLast(([header]) => header === name);
  return found?.[1]?.toString("utf8") ?? null;
}

function integer(value: string | null): value is string {
  return value !== null && /^(?:0|[1-9][0-9]{0,18})$/.test(value);
}
