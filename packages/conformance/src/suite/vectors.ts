import type { Case } from "../runner/case.ts";
import type { CaseRun } from "../runner/case-run.ts";
import { readVectors } from "../runner/vector-file.ts";
import type { VectorTest } from "../runner/vector-file.ts";

/** An area of the specification that vectors prove; its case is `vec/<area>`. */
interface Area {
  readonly area: string;
  /** Files of `vectors/v1`, without `_test.json`. */
  readonly files: readonly string[];
  readonly title: string;
  readonly about: string;
  /** What makes the tests a real test, beyond that all were asked. */
  readonly guards?: (c: CaseRun, tests: readonly VectorTest[]) => void;
}

const AREAS: readonly Area[] = [
  {
    area: "partitioner",
    files: ["partitioner_murmur2", "partitioner_crc32", "partitioner_fnv1a"],
    title: "keys to partitions, against numbers computed by Kafka's Java client",
    about:
      "The partition of a key must be the one every other client computes, bit for bit: a sign handled " +
      "differently moves half of the keys, and with a power of two as the number of partitions nobody sees it.",
    guards: partitionerGuards,
  },
  {
    area: "retry",
    files: ["retry"],
    title: "which policies hold, how long to wait, when to give up",
    about:
      "Delays are integers, rounded down after each division, with the jitter's random number as an input: " +
      "whoever computes in floating point, or rounds once at the end, drifts away.",
  },
  {
    area: "text",
    files: ["text"],
    title: "text of errors, neutralised and cut",
    about:
      "A cut falls between code points and leaves room for the ellipsis. Cut by characters or UTF-16 units, " +
      "a header is too long or ends in half a letter.",
  },
  {
    area: "envelope-decode",
    files: ["envelope_decode"],
    title: "what headers say, damaged and forged ones too",
    about:
      "The last value counts, null is absent, a damaged counter is at its limit, and a source topic's " +
      "headers of movers are forged. A reader answers every sequence of bytes, and says what was wrong.",
  },
  {
    area: "move",
    files: ["move"],
    title: "retries and dead letters, byte for byte",
    about:
      "What a mover writes, in which order, what it keeps and what it drops when it does not fit: two " +
      "implementations that differ write records that the third has to guess about.",
  },
  {
    area: "replay",
    files: ["replay"],
    title: "dead letters written again, or refused",
    about:
      "Where a replay goes, what it drops and what it counts. A header alone must not decide where a " +
      "privileged program writes, nor let a record go round for ever.",
  },
  {
    area: "dead-letter-read",
    files: ["dead_letter_read"],
    title: "dead letters of eight systems",
    about:
      "The same four bytes are a partition to one system and a number in letters to another: each dialect " +
      "is read by its own rules, and none by what the bytes look like.",
  },
  {
    area: "commit-metadata",
    files: ["commit_metadata"],
    title: "what is settled above the committed offset",
    about:
      "The shorter of two encodings, the longest sequence that fits, and a reader that acts on nothing it " +
      "is not sure of: a wrong bit here is a record that is never handled.",
  },
  {
    area: "gate-trace",
    files: ["gate_trace"],
    title: "the frontier, event by event",
    about:
      "How far a partition may be committed while records settle in any order, with gaps in the log and " +
      "completions of earlier epochs.",
  },
  {
    area: "lane-trace",
    files: ["lane_trace"],
    title: "which records begin, event by event",
    about:
      "One at a time of a lane, all lanes at once. A record that waits for its retry holds its lane and no " +
      "other, and a partition that comes back begins anew.",
  },
];

/** Vectors need no cluster: a subject in any language is asked on stdio, and its answers compared. */
export const VECTOR_CASES: readonly Case[] = AREAS.map(caseOf);

function caseOf({ area, files, title, about, guards }: Area): Case {
  return {
    id: `vec/${area}`,
    level: "L0",
    title,
    about,
    needs: [],
    requires: ({ vectors }) => {
      const operations = new Set(files.flatMap((file) => readVectors(file).operations));
      const missing = [...operations].filter((op) => !vectors.includes(op));
      return missing.length === 0 ? null : `vectors ${missing.join(", ")}`;
    },
    invariants: ["H1"],
    faults: [],
    duplicates: "none",
    run: async (c) => {
      const subject = await c.startForVectors("m0");
      const asked: VectorTest[] = [];
      for (const file of files) {
        const { tests, withdrawn, numberOfTests } = readVectors(file);
        await c.askVectors(subject, file, tests);
        c.guard(
          `all of ${file}`,
          tests.length > 0 && tests.length + withdrawn === numberOfTests,
          `${tests.length} asked and ${withdrawn} withdrawn of ${numberOfTests}`,
        );
        asked.push(...tests);
      }
      guards?.(c, asked);
    },
  };
}

function partitionerGuards(c: CaseRun, tests: readonly VectorTest[]): void {
  const hashed = tests.filter(
    ({ input, expect }) => input["partitioner"] === "murmur2" && expect["hash"] !== null,
  );
  const negative = hashed.filter(({ expect }) => Number(expect["hash"]) < 0);
  const share = hashed.length === 0 ? 0 : negative.length / hashed.length;
  c.guard("negative hashes", share >= 0.4, `${Math.round(share * 100)} %, wanted 40 %`);
  const counts = new Set(tests.flatMap(({ input }) => input["counts"] as readonly number[]));
  const odd = [...counts].filter((count) => (count & (count - 1)) !== 0);
  c.guard("counts that are no power of two", odd.length > 0, `${odd.length} of ${counts.size}`);
}
