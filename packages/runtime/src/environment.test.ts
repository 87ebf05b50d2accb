import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** What is real by definition. */
const ALLOWED: ReadonlySet<string> = new Set(["time.ts", "environment.ts", "message-id.ts"]);
const REAL =
  /\b(setTimeout|setInterval|setImmediate|clearTimeout|Date\.now|new Date\(\)|performance\.now|Math\.random)\b/;

it("is where all of time and chance comes from", () => {
  const here = new URL(".", import.meta.url);
  const sources = readdirSync(here).filter(
    (name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && !ALLOWED.has(name),
  );
  expect(sources).toContain("consumer-shell.ts");
  const real = sources.filter((name) => REAL.test(readFileSync(new URL(name, here), "utf8")));
  expect(real).toEqual([]);
});
