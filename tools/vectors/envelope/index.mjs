// @ts-check
// The vectors of retries, texts, headers, moves and replays (sections 3, 4, 5, 10 and 12).
import { envelopeDecode } from "./decode/index.mjs";
import { move } from "./move/index.mjs";
import { replay } from "./replay/index.mjs";
import { retry } from "./retry/index.mjs";
import { text } from "./text.mjs";

export const files = [
  { name: "retry", build: retry },
  { name: "text", build: text },
  { name: "envelope_decode", build: envelopeDecode },
  { name: "move", build: move },
  { name: "replay", build: replay },
];
