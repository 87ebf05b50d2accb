import { PortError } from "@sluice/core";

/**
 * The one place where kafkajs' decimal offsets become numbers.
 * @param where names the topic-partition for the message
 * @throws PortError of kind `fatal` for an offset past 2^53-1: it would be rounded
 */
export function toNumber(offset: string, where: string): number {
  const number = Number(offset);
  if (Number.isSafeInteger(number)) return number;
  throw new PortError(
    `${where}: offset ${offset} is past 2^53-1 and cannot be held exactly; nothing is read or committed there`,
    { kind: "fatal", outcome: "failed" },
  );
}

/**
 * The one place where numbers become kafkajs' decimal offsets.
 * @throws PortError of kind `rejected` unless `offset` is a safe integer from 0
 */
export function toDecimal(offset: number, where: string): string {
  if (Number.isSafeInteger(offset) && offset >= 0) return String(offset);
  throw new PortError(`${where}: ${String(offset)} is not an offset (0 to 2^53-1)`, {
    kind: "rejected",
    outcome: "failed",
  });
}
