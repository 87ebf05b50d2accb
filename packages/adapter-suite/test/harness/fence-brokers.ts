import type { Frame, RuleHandle } from "@sluice/conformance";
import type { Rig } from "./adapters.ts";

const METADATA = 3;

/** Of Metadata answers with compact arrays, strings and tags. */
const FLEXIBLE = 9;

/**
 * Every other Metadata answer to a client names no broker, until the test ends or so many have been given.
 * @param times infinite when left out
 */
export function fenceBrokers(
  { cluster, onEnd }: Rig,
  clientId: string,
  times: number = Infinity,
): RuleHandle {
  let answers = 0;
  const rule = cluster.proxy.addRule({
    name: "no brokers",
    match: {
      apiKeys: [METADATA],
      direction: "response",
      clientId,
      where: () => (answers += 1) % 2 === 0,
    },
    act: { type: "rewrite", with: withoutBrokers },
    times,
  });
  onEnd(() => rule.remove());
  return rule;
}

/**
 * A Metadata answer without its brokers, as a cluster gives it whose brokers are all fenced by the
 * controller: the topics are there, with partitions that nobody leads.
 * @param bytes with the length before them
 */
function withoutBrokers(bytes: Buffer, { apiVersion }: Frame): Buffer {
  const flexible = apiVersion >= FLEXIBLE;
  // Length, correlation id, tags of the header, throttle time.
  const begin = 8 + (flexible ? 1 : 0) + (apiVersion >= 3 ? 4 : 0);
  let at = begin;
  const skip = (count: number): void => void (at += count);
  const count = (): number => {
    if (!flexible) return bytes.readInt32BE((skip(4), at - 4));
    return unsigned() - 1;
  };
  const unsigned = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes.readUInt8((skip(1), at - 1));
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const text = (): void => {
    const length = flexible ? unsigned() - 1 : bytes.readInt16BE((skip(2), at - 2));
    skip(Math.max(0, length));
  };
  for (let left = count(); left > 0; left -= 1) {
    skip(4);
    text();
    skip(4);
    if (apiVersion >= 1) text();
    if (flexible) skip(unsigned());
  }
  const none = flexible ? Buffer.from([1]) : Buffer.alloc(4);
  const answer = Buffer.concat([bytes.subarray(0, begin), none, bytes.subarray(at)]);
  answer.writeInt32BE(answer.length - 4);
  return answer;
}
