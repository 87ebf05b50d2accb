// @ts-check
// The vectors of sections 6 and 9.
import { gateTrace } from "./gate.mjs";
import { laneTrace } from "./lane.mjs";

export const files = [
  { name: "gate_trace", build: gateTrace },
  { name: "lane_trace", build: laneTrace },
];
