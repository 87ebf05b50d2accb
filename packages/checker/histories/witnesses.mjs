// @ts-check
/**
 * The event of each bad history that breaks the rule, or, where something is missing, the one after which it
 * should have come: the n-th of its type.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const BAD = {
  P1: ["committed 1", "commit-request 1", "commit-request 2", "commit-request 1", "polled 2"],
  P1s: ["commit-request 1", "commit-request 1", "commit-request 2", "commit-request 1"],
  P2: ["commit-request 2", "commit-request 1", "commit-request 1", "polled 1"],
  P3: ["committed 2", "polled 2"],
  P4: [
    ...["commit-request 2", "commit-request 1", "commit-request 1", "commit-request 2"],
    ...["committed 1", "commit-request 1", "committed 1"],
  ],
  P5: ["begin 2", "begin 3", "begin 2", "commit-request 1", "begin 2", "begin 2", "begin 2"],
  K1: [
    ...["begin 2", "begin 2", "begin 2", "begin 2", "begin 2", "begin 3", "begin 3"],
    ...["begin 2", "divert-acked 1", "begin 2"],
  ],
  K2: ["begin 2", "begin 2"],
  N1: ["begin 2"],
  X1: [
    ...["begin 2", "begin 3", "begin 2", "begin 1", "begin 1", "begin 2", "begin 1", "begin 1"],
    ...["begin 2"],
  ],
  D1: ["begin 2", "begin 2", "begin 2", "begin 1", "begin 2"],
  D2: ["begin 4", "begin 2", "begin 3", "begin 2", "begin 4", "begin 3", "begin 2"],
  Q1: ["expect 1", "dead-letter 2", "dead-letter 2", "dead-letter 2"],
  Q2: ["dead-letter 1", "dead-letter 2", ...Array.from({ length: 11 }, () => "dead-letter 1")],
  Q3: ["commit-request 1", "commit-request 1"],
  T1: [
    ...["begin 2", "begin 2", "begin 2", "begin 2", "begin 2", "divert-acked 1", "begin 2"],
    ...["begin 2"],
  ],
  H1: ["vector 1", "vector 1", "vector 1", "vector 1"],
  B1: ["begin 2", "fetched 3", "claim 1"],
  V1: ["visible 2", "finish 1", "guard 1"],
  V2: ["finish 2", "commit-request 1", "commit-request 1", "polled 1"],
  V3: ["assignment 2", "assignment 6"],
  V4: ["phase 2"],
  V5: ["member 2", "finish 1", "member 3", "member 3", "member 3", "member 3"],
  V6: ["member 2", "join 2"],
};

/** @type {Readonly<Record<string, string>>} */
const FAILED = { SUBSTRATE: "commit-request 1", GUARDS: "guard 2" };

/** Line, from 1. @param {string} id `P1/bad-1` @param {readonly Record<string, unknown>[]} events */
export function witnessLine(id, events) {
  const [folder = "", name = ""] = id.split("/");
  const named = name === "fail-1" ? FAILED[folder] : BAD[folder]?.[Number(name.split("-")[1]) - 1];
  const [type, nth] = named?.split(" ") ?? [];
  const indices = events.flatMap((event, index) => (event["type"] === type ? [index] : []));
  const index = indices[Number(nth) - 1];
  if (index === undefined) throw new Error(`${id}: no ${named ?? "witness"} in it`);
  return index + 1;
}
