import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  FOREIGN_HEADER,
  HEADER,
  NEVER_DROPPED_HEADERS,
  ORIGIN_HEADERS,
  REPLAY_REMOVES,
  RESERVED_HEADERS,
  RESERVED_PREFIXES,
} from "./headers.ts";
import { LIMIT } from "./limits.ts";
import {
  ANOMALY_CODES,
  DLQ_REASONS,
  ERROR_KINDS,
  METADATA_REJECTIONS,
  MOVE_REFUSALS,
  NON_RETRYABLE_KINDS,
  PARTITIONERS,
  REPLAY_REFUSALS,
  TRUNCATED_PARTS,
} from "./registry.ts";
import { SPEC_VERSION, WIRE_VERSION } from "./version.ts";

// The constants are compared with the text, which alone decides.
const chapter = (name: string): string =>
  readFileSync(new URL(`../text/${name}.md`, import.meta.url), "utf8");
const appendixA = chapter("A-headers");
const appendixB = chapter("B-registries");
const [commitMetadata, replay, security] = ["07-commit-metadata", "10-replay", "12-security"].map(
  chapter,
) as [string, string, string];

const quoted = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, q]) => q ?? "");
/** The part of a chapter from the line that has `begin` to the next line that has `end`. */
const section = (text: string, begin: string, end: string): string => {
  const from = text.indexOf(begin);
  expect(from, `${begin} in the text`).toBeGreaterThan(-1);
  const to = text.indexOf(end, from + begin.length);
  return text.slice(from, to === -1 ? undefined : to);
};
/** The first cells of a table's rows that name something. */
const firstCells = (text: string): string[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => quoted(line)[0] ?? "");

const row = (name: string): string =>
  appendixA.split("\n").find((line) => line.startsWith(`| \`${name}\``)) ?? "";

describe("headers", () => {
  it("are those of Appendix A in its order (SLC-DLQ-010), named as the text demands (SLC-ENV-001)", () => {
    expect(Object.values(HEADER)).toEqual(firstCells(appendixA));
    for (const name of Object.values(HEADER)) {
      expect(name).toMatch(/^sluice-[a-z0-9-]{1,57}$/);
      expect(name.length).toBeLessThanOrEqual(LIMIT.headerNameBytes);
    }
  });

  it("of the origin are the four that the text calls for", () => {
    expect(ORIGIN_HEADERS).toHaveLength(4);
    for (const name of ORIGIN_HEADERS) expect(row(name)).not.toContain("optional");
  });

  it("that are reserved for movers are those of SLC-SEC-001", () => {
    const named = quoted(section(security, "These are the headers", "A reader treats"));
    expect(named).toEqual([...RESERVED_PREFIXES, ...RESERVED_HEADERS]);
  });

  it("that are reserved are all but the four of the producer", () => {
    const isReserved = (name: string): boolean =>
      (RESERVED_HEADERS as readonly string[]).includes(name) ||
      RESERVED_PREFIXES.some((prefix) => name.startsWith(prefix));
    const free = Object.values(HEADER).filter((name) => !isReserved(name));
    expect(free).toEqual(Object.values(HEADER).filter((name) => row(name).includes("| producer")));
    expect(free).toHaveLength(4);
  });

  it("that a replay removes are those of SLC-RPL-010", () => {
    const clause = section(replay, "**[SLC-RPL-010]**", "So the attempts");
    expect(quoted(clause)).toEqual(REPLAY_REMOVES);
  });
});

describe("foreign headers", () => {
  it("that are read are those of Appendix A", () => {
    const { contentType, ...read } = FOREIGN_HEADER;
    const named = quoted(section(appendixA, "Foreign headers that are interpreted", "\0"));
    expect(new Set(Object.values(read))).toEqual(new Set(named));
    expect(contentType).toBe("content-type");
  });

  it("that are never dropped are those of SLC-DLQ-016", () => {
    const named = quoted(section(chapter("05-moves"), "until it fits.", "are never removed"));
    expect(named).toEqual([...NEVER_DROPPED_HEADERS, "ce_"]);
  });
});

it.each([
  ["B.1", "B.2", ERROR_KINDS],
  ["B.2", "B.3", DLQ_REASONS],
  ["B.3", "B.4", ANOMALY_CODES],
])("the table of %s is that of the code", (title, next, values) => {
  expect(firstCells(section(appendixB, `## ${title}`, `## ${next}`))).toEqual(values);
});

it("kinds that are not tried again are marked in B.1", () => {
  const rows = section(appendixB, "## B.1", "## B.2").split("\n");
  const notAgain = rows.filter((line) => /^\| `[a-z]+` +\| no/.test(line));
  expect(notAgain.map((line) => quoted(line)[0])).toEqual(NON_RETRYABLE_KINDS);
});

it("the other lists of values are those of the text", () => {
  expect(quoted(section(appendixB, "## B.4", "## B.5"))).toEqual(TRUNCATED_PARTS);
  expect(quoted(section(appendixB, "## B.5", "## B.6"))).toEqual(PARTITIONERS);
  expect(quoted(section(appendixB, "## B.6", "Of a replay"))).toEqual(MOVE_REFUSALS);
  expect(firstCells(section(replay, "SLC-RPL-001", "SLC-RPL-002"))).toEqual(REPLAY_REFUSALS);
  expect(firstCells(section(commitMetadata, "SLC-CMD-008", "SLC-CMD-009"))).toEqual(
    METADATA_REJECTIONS,
  );
});

it.each([
  [HEADER.messageType, `${LIMIT.messageTypeBytes} bytes`],
  [HEADER.idempotencyKey, `${LIMIT.idempotencyKeyBytes} bytes`],
  [HEADER.group, `${LIMIT.groupBytes} bytes`],
  [HEADER.retryCount, `at most ${LIMIT.retryCount}`],
  [HEADER.retryPolicy, `${LIMIT.retryPolicyBytes} bytes`],
  [HEADER.originPartition, `at most ${LIMIT.partition}`],
  [HEADER.originCluster, `${LIMIT.clusterBytes} bytes`],
  [HEADER.originPartitionCount, `1 to ${LIMIT.partitionCount}`],
  [HEADER.originLeaderEpoch, `at most ${LIMIT.leaderEpoch}`],
  [HEADER.errorClass, `${LIMIT.errorClassBytes} bytes`],
  [HEADER.errorCode, `${LIMIT.errorCodeBytes} bytes`],
  [HEADER.errorMessage, `${LIMIT.errorMessageBytes} bytes`],
  [HEADER.errorStack, `${LIMIT.errorStackBytes} bytes`],
  [HEADER.replayCount, `at most ${LIMIT.replayCount}`],
  [HEADER.hops, `at most ${LIMIT.hops}`],
])("the text gives %s the limit %s", (name, limit) => {
  expect(row(name)).toMatch(new RegExp(`${limit}\\b`));
});

it.each([
  ["3.1", "03-envelope", `more than ${LIMIT.headerValueBytes} bytes`],
  ["SLC-ENV-012", "03-envelope", `within ${LIMIT.headersBytes} bytes`],
  ["SLC-ENV-026", "03-envelope", `more than ${LIMIT.tracestateMembers} members`],
  ["SLC-ENV-027", "03-envelope", `more than ${LIMIT.tracestateChars} characters`],
  ["SLC-ENV-027", "03-envelope", `more than ${LIMIT.tracestateMemberChars} characters`],
  ["SLC-ENV-028", "03-envelope", `1 to ${LIMIT.traceIdChars} characters`],
  ["SLC-ENV-015", "03-envelope", `1 to ${LIMIT.messageIdBytes} characters`],
  ["SLC-CNV-001", "01-conventions", `greater than\n${LIMIT.integer}`],
  ["SLC-DLQ-014", "05-moves", `cut it to ${LIMIT.historyCodeChars} characters`],
  ["SLC-DLQ-015", "05-moves", `more than ${LIMIT.historyEntries} entries`],
  ["SLC-DLQ-016", "05-moves", `beyond ${LIMIT.shortMessageBytes} bytes`],
  ["SLC-DLQ-016", "05-moves", `more than ${LIMIT.smallHeaderBytes} bytes`],
  ["SLC-RPL-003", "10-replay", `SHOULD be ${LIMIT.replays}.`],
  ["C.2", "C-grammar", `1*${LIMIT.tokenBytes}name-char`],
  ["C.2", "C-grammar", `1*${LIMIT.topicNameChars}( ALPHA`],
  ["C.2", "C-grammar", `1*${LIMIT.replayIdBytes}%x21-7E`],
])("%s says %s: %s", (_, name, limit) => {
  expect(chapter(name).replaceAll("\n", " ")).toContain(limit.replaceAll("\n", " "));
});

it("the text is of the version that the code claims", () => {
  const overview = readFileSync(new URL("../SPEC.md", import.meta.url), "utf8");
  expect(overview).toContain(`\nVersion ${SPEC_VERSION},`);
  expect(overview).toContain(`Wire version ${WIRE_VERSION}.`);
});
