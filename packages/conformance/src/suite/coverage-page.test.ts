import { readFileSync } from "node:fs";
import { INVARIANT_IDS } from "@sluice/checker";
import { expect, test } from "vitest";
import { catalogue } from "./index.ts";

const page = readFileSync(
  new URL("../../../../docs/conformance-coverage.md", import.meta.url),
  "utf8",
);

test("the page of what was planned names every case, and no other", () => {
  const named = [...page.matchAll(/`([a-z]+\/[a-z-]+)`/g)].map(([, id]) => id);
  expect(new Set(named)).toEqual(new Set(catalogue().map(({ id }) => id)));
});

test("it has all 48 entries and every invariant", () => {
  const numbers = [...page.matchAll(/^\| (\d+) +\|/gm)].map(([, number]) => Number(number));
  expect(numbers).toEqual(Array.from({ length: 48 }, (_, i) => i + 1));
  const judged = /All 24 are judged: ([^.]*)\./.exec(page)?.[1] ?? "";
  expect(judged.match(/\b[A-Z]\d+s?\b/g)).toEqual(expect.arrayContaining([...INVARIANT_IDS]));
});
