import { createRequire } from "node:module";

/** One partition of an OffsetCommit request. */
interface Entry {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

interface Request {
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number }[];
  }[];
}

/**
 * Adds partitions to commits on their way out. The adapter would not let them pass, so it is done in
 * kafkajs' encoder; call it before the client is loaded.
 *
 * @param more of a request that names these partitions (`topic-partition`) already
 */
export function addToCommitRequests(more: (named: ReadonlySet<string>) => readonly Entry[]): void {
  const require = createRequire(import.meta.url);
  const path = require.resolve("kafkajs/src/protocol/requests/offsetCommit/v5/request");
  const encode = require(path) as (request: Request) => unknown;
  const cached = require.cache[path];
  if (cached === undefined) throw new Error("kafkajs' encoder is not where it was");
  cached.exports = (request: Request) => {
    const named = request.topics.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition }) => `${topic}-${partition}`),
    );
    const added = more(new Set(named)).map(({ topic, partition, offset }) => ({
      topic,
      partitions: [{ partition, offset: String(offset) }],
    }));
    return encode({ ...request, topics: [...request.topics, ...added] });
  };
}
