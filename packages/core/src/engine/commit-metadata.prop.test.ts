import fc from "fast-check";
import { test } from "vitest";
import { OwnersWorld, seen } from "../../test/owners-world.ts";
import { expectReached } from "../../test/reached.ts";

test("over crashes and restarts, nothing that a commit has told is done again and nothing is skipped (D1, SLC-CMD-007)", () => {
  const step = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.tuple(fc.constant("fetch" as const), fc.integer({ min: 1, max: 9 })),
    },
    { weight: 14, arbitrary: fc.tuple(fc.constant("finish" as const), fc.nat(50)) },
    {
      weight: 6,
      arbitrary: fc.tuple(fc.constant("pass" as const), fc.constantFrom(1, 400, 1_000)),
    },
    {
      weight: 6,
      arbitrary: fc.tuple(
        fc.constant("answerCommit" as const),
        fc.constantFrom("ok", "ok", "lost", "unheard"),
      ),
    },
    { weight: 1, arbitrary: fc.tuple(fc.constant("crash" as const)) },
  );
  const log = fc
    .array(fc.constantFrom(1, 1, 1, 2, 9, 4_000_000), { minLength: 5, maxLength: 60 })
    .map((jumps) => {
      let offset = -1;
      return jumps.map((jump) => (offset += jump));
    });
  fc.assert(
    fc.property(
      log,
      fc.constantFrom(4_000, 4_000, 4_000, 24, 40),
      fc.array(step, { minLength: 10, maxLength: 120, size: "max" }),
      (offsets, chars, steps) => {
        const world = new OwnersWorld(offsets, chars);
        for (const [name, ...args] of steps) {
          (world[name] as (...given: unknown[]) => void).apply(world, args);
        }
        world.heal();
      },
    ),
    { numRuns: 3_000 },
  );
  expectReached(seen, 50);
}, 120_000);
