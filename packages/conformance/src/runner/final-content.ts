import { HEADER } from "@sluice/spec";
import type { LogEntry } from "../witness/log-reader.ts";
import type { CaseRun } from "./case-run.ts";
import type { Unstamped } from "./history.ts";
import { headerText, originOf } from "./wire-recorder.ts";
import { valueHash } from "./workload.ts";

/**
 * Reads, on WITNESS, what workload and dead letter topics hold at the end and what the coordinator
 * has committed. @throws Error naming what could not be read
 */
export async function recordFinalContent(run: CaseRun, timeoutMs: number): Promise<void> {
  const { witness, history, topic, deadLetterTopic } = run;
  await witness.commitLogCaughtUp(timeoutMs);
  for (const name of [topic, ...(deadLetterTopic === null ? [] : [deadLetterTopic])]) {
    const ranges = await witness.logRanges(name);
    for (const { partition, start, end } of ranges) {
      history.record({
        type: "log-range",
        topic: name,
        partition,
        start: String(start),
        end: String(end),
      });
    }
    for (const entry of await witness.read(name, ranges, timeoutMs)) {
      history.record(name === topic ? visible(name, entry) : deadLetter(name, entry));
    }
  }
}

function visible(topic: string, entry: LogEntry): Unstamped {
  return { type: "visible", ...content(topic, entry), timestamp: entry.timestamp };
}

function deadLetter(topic: string, entry: LogEntry): Unstamped {
  const origin = originOf(entry);
  const timestamp = headerText(entry, HEADER.originTimestamp);
  const retries = headerText(entry, HEADER.retryCount);
  return {
    type: "dead-letter",
    ...content(topic, entry),
    origin:
      origin === null || timestamp === null || !/^\d+$/.test(timestamp)
        ? null
        : {
            ...origin,
            timestamp: Number(timestamp),
            // Retries are the attempts after the first.
            attempts: retries === null || !/^\d+$/.test(retries) ? null : Number(retries) + 1,
          },
  };
}

function content(
  topic: string,
  { partition, offset, key, value, headers }: LogEntry,
): {
  topic: string;
  partition: number;
  offset: string;
  key: string | null;
  valueHash: string | null;
  headers: [string, string | null][];
} {
  return {
    topic,
    partition,
    offset: String(offset),
    key: key?.toString("base64") ?? null,
    valueHash: valueHash(value),
    headers: headers.map(([name, bytes]) => [name, bytes?.toString("base64") ?? null]),
  };
}
