// The conformance suite's subject for Sluice itself: one process, one group member.
//   node sluice-subject.js --adapter kafkajs|rdkafka [--mutant <name>]
import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import { answerVector, VECTOR_OPERATIONS } from "@sluice/core/vectors";
import { createConsumer, NonRetryableError, RetryableError } from "@sluice/runtime";
import type { Consumer, ConsumerOptions, HandlerResult, KafkaRecord } from "@sluice/runtime";
import { SPEC_VERSION } from "@sluice/spec";
import type { Command, Hello, SubjectConfig } from "../subject/protocol.ts";
import { PROTOCOL_VERSION } from "../subject/protocol.ts";
import { adapterFor, describeAdapter } from "./adapters.ts";
import { reportClaims } from "./claims.ts";
import { shiftClock, stall } from "./hooks.ts";
import { defectNamed } from "./mutants/index.ts";
import { stderrLogger } from "./stderr-logger.ts";
import { listen, say } from "./stdio.ts";

type Finish = Extract<Command, { cmd: "finish" }>;

const { values: args } = parseArgs({
  options: { adapter: { type: "string", default: "kafkajs" }, mutant: { type: "string" } },
});
const defect = defectNamed(args.mutant);
const vector = defect.vectors(answerVector);
const waiting = new Map<string, (finish: Finish) => void>();
let consumer: Consumer | null = null;
let begun = 0;
let stopping: Promise<{ result: "clean" | "forced" }> | null = null;

listen(
  (command) => void answer(command),
  () => void end(),
);
process.on("SIGTERM", () => void end());

async function answer(command: Command): Promise<void> {
  if (command.cmd === "finish") {
    waiting.get(command.h)?.(command);
    waiting.delete(command.h);
    return;
  }
  const { id } = command;
  try {
    switch (command.cmd) {
      case "hello":
        say({ id, ok: { ...(await hello()) } });
        return;
      case "vector":
        say({ id, ok: vector(command.op, command.input) });
        return;
      case "start":
        await start(defect.config(command.config));
        say({ id, ok: {} });
        return;
      case "stats":
        say({ id, ok: { ...consumer?.stats() } });
        return;
      case "stall":
        // The answer must be out before nothing is any more.
        say({ id, ok: {} });
        stall(command.ms);
        return;
      case "clock":
        shiftClock(command.offsetMs);
        say({ id, ok: {} });
        return;
      case "stop": {
        const result = await stop(command.deadlineMs);
        say({ id, ok: { forced: result === "forced" } });
        process.exit(0);
      }
    }
    // A command of a later protocol.
    say({ id, error: { code: "unsupported" } });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const code = error instanceof Error && "code" in error ? String(error.code) : name;
    say({ id, error: { code, message } });
  }
}

async function hello(): Promise<Hello> {
  const { client, rebalance, staticMembership, caps } = await describeAdapter(args.adapter);
  return {
    protocol: PROTOCOL_VERSION,
    spec: SPEC_VERSION,
    name: `sluice-${args.adapter}`,
    version: "0.1.0",
    language: "typescript",
    runtime: `node ${process.version}`,
    client,
    capabilities: {
      groupProtocol: rebalance.includes("consumer") ? ["classic", "consumer"] : ["classic"],
      rebalance,
      ordering: ["key", "partition", "none"],
      retry: ["inline"],
      dlq: true,
      graceful: true,
      startAt: true,
      commitMetadata: true,
      staticMembership,
      bufferLimit: true,
      hooks: ["stall", "clock"],
      vectors: VECTOR_OPERATIONS,
      headers: { order: caps.headerOrder, empty: caps.emptyHeader, null: caps.nullHeader },
    },
  };
}

async function start(config: SubjectConfig): Promise<void> {
  const options: ConsumerOptions = {
    adapter: await adapterFor(args.adapter, config),
    group: config.group,
    topics: config.topics,
    ordering: config.ordering,
    concurrency: config.concurrency,
    commitIntervalMs: config.commitIntervalMs,
    drainTimeoutMs: config.drainTimeoutMs,
    isolation: config.isolation,
    startAt: config.startAt,
    retry: {
      maxAttempts: config.retry.maxAttempts,
      backoff: { type: "fixed", delayMs: config.retry.backoffMs, jitter: config.retry.jitter },
    },
    ...(config.bufferBytes === undefined ? {} : { budget: { bytes: config.bufferBytes } }),
    ...(config.deadLetter === null ? {} : { deadLetter: config.deadLetter }),
    logger: stderrLogger,
    handler: (record, context) =>
      new Promise((resolve, reject) => {
        const h = `${config.member}-${++begun}`;
        waiting.set(h, (finish) => settle(finish, resolve, reject));
        const dropped = (): void =>
          say({ ev: "dropped", h, reason: String(context.signal.reason) });
        context.signal.addEventListener("abort", dropped, { once: true });
        say(beginOf(h, record, context.epoch, context.attempt));
      }),
  };
  consumer = createConsumer(defect.consumer(options, config));
  reportClaims(consumer);
  await consumer.start();
}

function beginOf(
  h: string,
  { topic, partition, offset, key, value }: KafkaRecord,
  epoch: number,
  attempt: number,
): Parameters<typeof say>[0] {
  return {
    ev: "begin",
    h,
    epoch: String(epoch),
    t: topic,
    p: partition,
    o: String(offset),
    key: key === null ? null : Buffer.from(key).toString("base64"),
    vh: value === null ? null : sha256(value),
    attempt,
  };
}

function settle(
  { result, error, h }: Finish,
  resolve: (result: HandlerResult) => void,
  reject: (error: Error) => void,
): void {
  const reason = error?.message ?? `${result} of ${h}`;
  if (result === "ok") resolve();
  else if (result === "throw") reject(new RetryableError(reason));
  else if (result === "poison") reject(new NonRetryableError(reason));
  else resolve({ outcome: result, reason });
}

async function stop(drainTimeoutMs?: number): Promise<"clean" | "forced"> {
  stopping ??= consumer?.stop(drainTimeoutMs === undefined ? {} : { drainTimeoutMs }) ?? null;
  return (await stopping)?.result ?? "clean";
}

async function end(): Promise<void> {
  await stop();
  process.exit(0);
}

function sha256(value: Uint8Array): string {
  return createHash("sha256").update(value).digest().subarray(0, 16).toString("base64");
}
