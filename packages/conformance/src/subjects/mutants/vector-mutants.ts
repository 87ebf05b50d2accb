/** What an operation is given and answers. */
type Json = Readonly<Record<string, unknown>>;
type Answerer = (op: string, input: Json) => Json;

/** A defect in answering vectors: what the reference is given is changed, or what it says. */
export type VectorMutant = (answer: Answerer) => Answerer;

export const VECTOR_MUTANTS: Readonly<Record<string, VectorMutant>> = {
  // M01: an unsigned shift in place of the mask; with a power of two it makes no difference.
  "unsigned-partitioner": positive((hash) => hash >>> 0),
  // M02
  "absolute-partitioner": positive((hash) => Math.abs(hash)),
  // M03: another seed is another hash.
  "other-hash-partitioner": given("Partition", ({ partitioner }) =>
    partitioner === "murmur2" ? { partitioner: "crc32" } : {},
  ),
  // M04: what is not UTF-8 becomes another key.
  "text-partitioner": given("Partition", ({ key }) =>
    key === null
      ? {}
      : { key: Buffer.from(Buffer.from(key as string, "hex").toString()).toString("hex") },
  ),
  // M05
  "empty-key-partitioner": given("Partition", ({ key }) => (key === "" ? { key: null } : {})),
  "vector-retry": given("RetryDecision", ({ now }) => ({ now: String(Number(now) + 1) })),
  "vector-text": given("BoundText", ({ maxBytes }) => ({ maxBytes: Number(maxBytes) + 1 })),
  "vector-envelope-decode": given("EnvelopeDecode", lastFirst),
  "vector-move": given("Move", () => ({ trusted: true })),
  "vector-replay": given("ReplayPlan", ({ maxReplays }) => ({
    maxReplays: Number(maxReplays) + 1,
  })),
  "vector-dead-letter-read": given("DeadLetterRead", lastFirst),
  "vector-commit-metadata": given("CommitMetadataEncode", () => ({ maxChars: 65_535 })),
  "vector-gate-trace": given("GateTrace", ofThePresentEpoch),
  "vector-gate-epochs": given("GateTrace", ofAnyFourthEpoch),
  "vector-lane-trace": given("LaneTrace", () => ({ ordering: "none" })),
};

/** Brings the hash of murmur2 to a number from 0 on in another way. */
function positive(of: (hash: number) => number): VectorMutant {
  return (answer) => (op, input) => {
    const right = answer(op, input);
    if (input["partitioner"] !== "murmur2" || right["hash"] === null) return right;
    const hash = of(Number(right["hash"]));
    return { hash: right["hash"], partitions: numbers(input["counts"]).map((n) => hash % n) };
  };
}

/** One operation is answered for an input that is not quite the one asked for. */
function given(op: string, change: (input: Json) => Json): VectorMutant {
  return (answer) => (asked, input) =>
    answer(asked, asked === op ? { ...input, ...change(input) } : input);
}

/** Takes the first of repeated headers where the last counts, and the other way round. */
function lastFirst({ headers }: Json): Json {
  return { headers: (headers as readonly unknown[]).toReversed() };
}

/** Takes completions of an earlier epoch for such of the present one. */
function ofThePresentEpoch({ events }: Json): Json {
  let epoch = 0;
  return {
    events: (events as readonly Json[]).map((event) => {
      if (event["type"] === "assigned") epoch += 1;
      return event["type"] === "settled" ? { ...event, epoch } : event;
    }),
  };
}

/** Knows epochs by two bits of their number: the fifth is the first again. No trace by hand finds it. */
function ofAnyFourthEpoch({ events }: Json): Json {
  let present = 0;
  return {
    events: (events as readonly Json[]).map((event) => {
      if (event["type"] === "assigned") present += 1;
      const { epoch } = event;
      const alike = event["type"] === "settled" && (Number(epoch) - present) % 4 === 0;
      return alike ? { ...event, epoch: present } : event;
    }),
  };
}

function numbers(value: unknown): readonly number[] {
  return value as readonly number[];
}
