// @ts-check

/**
 * The headers of the dead letter of 5.5: what a mover writes, a reader reads and a replayer plans with.
 *
 * @type {readonly (readonly [name: string, value: string])[]}
 */
export const DEAD_LETTER = [
  ["ce_id", "7"],
  ["sluice-spec", "1"],
  ["sluice-group", "billing"],
  ["sluice-retry-count", "4"],
  ["sluice-origin-topic", "orders"],
  ["sluice-origin-partition", "3"],
  ["sluice-origin-offset", "42"],
  ["sluice-origin-timestamp", "1700000000000"],
  ["sluice-first-failed-at", "1700000000100"],
  ["sluice-failed-at", "1700000009000"],
  ["sluice-error-kind", "timeout"],
  ["sluice-error-class", "TimeoutError"],
  ["sluice-error-message", "no answer"],
  ["sluice-history", '[{"n":5,"at":"1700000009000","k":"timeout"}]'],
  ["sluice-dlq-reason", "retries-exhausted"],
  ["sluice-hops", "1"],
];
