import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** What is shown is what is run. */
it("shows the examples that are run", () => {
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
  const shown = [...read("../README.md").matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code!);
  const run = [...read("./readme.test.ts").matchAll(/^it\(.*?\{\n(.*?)^\}\);/gms)].map(([, body]) =>
    body!.replaceAll(/^ {2}/gm, ""),
  );
  expect(run).toHaveLength(3);
  expect(shown.slice(1)).toEqual(run);
});
