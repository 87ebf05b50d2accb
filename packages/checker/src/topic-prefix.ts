import type { CaseEvent } from "./history.ts";

/**
 * What the case's topics have in front of them in common, up to a dot: runners name topics afresh for
 * each case, and what is left is what a reader of a message wants to see.
 */
export function topicPrefix({
  topics,
  deadLetterTopic,
}: Pick<CaseEvent, "topics" | "deadLetterTopic">): string {
  const names = [...Object.keys(topics), ...(deadLetterTopic === null ? [] : [deadLetterTopic])];
  const [first] = names;
  if (first === undefined) return "";
  for (let end = first.lastIndexOf("."); end !== -1; end = first.lastIndexOf(".", end - 1)) {
    const prefix = first.slice(0, end + 1);
    if (names.every((name) => name.startsWith(prefix) && name !== prefix)) return prefix;
    if (end === 0) break;
  }
  return "";
}
