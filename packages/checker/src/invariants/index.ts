import type { InvariantId } from "../history.ts";
import type { Invariant } from "../invariant.ts";
import { b1 } from "./b1-bounds.ts";
import { d1 } from "./d1-explained.ts";
import { d2 } from "./d2-bounded.ts";
import { h1 } from "./h1-vectors.ts";
import { k1 } from "./k1-key-order.ts";
import { k2 } from "./k2-key-contiguity.ts";
import { n1 } from "./n1-no-skip.ts";
import { p1 } from "./p1-prefix.ts";
import { p1s } from "./p1s-strict-prefix.ts";
import { p2 } from "./p2-offset.ts";
import { p3 } from "./p3-no-regression.ts";
import { p4 } from "./p4-ownership.ts";
import { p5 } from "./p5-silence.ts";
import { q1 } from "./q1-dead-letters.ts";
import { q2 } from "./q2-fidelity.ts";
import { q3 } from "./q3-divert-first.ts";
import { t1 } from "./t1-attempts.ts";
import { v1 } from "./v1-settle.ts";
import { v2 } from "./v2-commit.ts";
import { v3 } from "./v3-stable-group.ts";
import { v4 } from "./v4-progress.ts";
import { v5 } from "./v5-stop.ts";
import { v6 } from "./v6-alive.ts";
import { x1 } from "./x1-no-spurious.ts";

/** In the order in which results are listed. */
export const INVARIANTS: readonly Invariant[] = [
  p1,
  p1s,
  p2,
  p3,
  p4,
  p5,
  k1,
  k2,
  n1,
  x1,
  d1,
  d2,
  q1,
  q2,
  q3,
  t1,
  h1,
  b1,
  v1,
  v2,
  v3,
  v4,
  v5,
  v6,
];

const RULES: ReadonlyMap<InvariantId, string> = new Map(
  INVARIANTS.map(({ id, rule }) => [id, rule]),
);

/** What an invariant holds a subject to, in one sentence. */
export function invariantRule(id: InvariantId): string {
  return RULES.get(id) ?? "";
}
