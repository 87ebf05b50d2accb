import { LIMIT } from "@sluice/spec";

/** A form of Appendix C: what a text of that form says, null for any other text. */
export type Form<T> = (text: string) => T | null;

const INTEGER = /^(?:0|[1-9][0-9]{0,18})$/;

/** An integer of a range; nothing above 2^53 - 1 is one (SLC-CNV-001). */
export function integer(max: number = LIMIT.integer, min = 0): Form<number> {
  return (text) => {
    if (!INTEGER.test(text)) return null;
    const value = Number(text);
    return value >= min && value <= max ? value : null;
  };
}

/** Every well-formed text; it may be empty. */
export const anyText: Form<string> = (text) => text;

export const text: Form<string> = (given) => (given === "" ? null : given);

export const token: Form<string> = matching(`[a-z0-9-]{1,${LIMIT.tokenBytes}}`);
export const messageId: Form<string> = matching(`[!-~]{1,${LIMIT.messageIdBytes}}`);
export const replayId: Form<string> = matching(`[!-~]{1,${LIMIT.replayIdBytes}}`);
export const traceId: Form<string> = matching(`[!-~]{1,${LIMIT.traceIdChars}}`);
export const topic: Form<string> = matching(`[A-Za-z0-9._-]{1,${LIMIT.topicNameChars}}`);

export const tokenList: Form<readonly string[]> = (given) => {
  const tokens = given.split(",");
  return tokens.every((each) => token(each) !== null) ? tokens : null;
};

/** Where a record stands: `topic/partition/offset`. */
export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

const partitionNumber = integer(LIMIT.partition);
const anyInteger = integer();

export const position: Form<Position> = (given) => {
  const parts = given.split("/");
  if (parts.length !== 3) return null;
  const [name, number, at] = parts as [string, string, string];
  const of = topic(name);
  const partition = partitionNumber(number);
  const offset = anyInteger(at);
  if (of === null || partition === null || offset === null) return null;
  return { topic: of, partition, offset };
};

export function formatPosition({ topic: name, partition, offset }: Position): string {
  return `${name}/${partition}/${offset}`;
}

function matching(pattern: string): Form<string> {
  const regex = new RegExp(`^(?:${pattern})$`);
  return (given) => (regex.test(given) ? given : null);
}
