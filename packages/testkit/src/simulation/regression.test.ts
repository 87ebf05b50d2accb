import type { Adapter, ConsumerPort } from "@sluice/core";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, vi } from "vitest";
import { readRegression, writeRegression } from "./regression.ts";
import { PLAIN } from "./scenario-config.ts";
import { scenarioOf } from "./scenario.ts";
import { shrink } from "./shrink.ts";
import { simulate } from "./simulate.ts";

vi.setConfig({ testTimeout: 300_000 });

const FOLDER = fileURLToPath(new URL("../../regressions/", import.meta.url));

it.each(readdirSync(FOLDER).filter((name) => name.endsWith(".json")))(
  "what failed once holds: %s",
  async (name) => {
    const { scenario } = readRegression(readFileSync(join(FOLDER, name), "utf8"));
    expect((await simulate(scenario)).failures).toEqual([]);
  },
);

it("keeps a failure that was made smaller, which is gone with what it came from", async () => {
  const failing = await simulate(scenarioOf(1), commitsOneTooFar);
  const small = await shrink(failing, 60, commitsOneTooFar);
  const folder = mkdtempSync(join(tmpdir(), "sluice-regression-"));
  try {
    const file = join(folder, "one-too-far.json");
    writeFileSync(file, writeRegression(small));
    const kept = readRegression(readFileSync(file, "utf8"));
    expect(kept.scenario).toEqual(small.scenario);
    expect((await simulate(kept.scenario, commitsOneTooFar)).failures).toEqual(kept.failures);
    expect((await simulate(kept.scenario)).failures).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("reads what was kept before something could be chosen", async () => {
  const { config, ...rest } = scenarioOf(1);
  const { batch: _, ...older } = config;
  const kept = JSON.stringify({ failures: [], scenario: { ...rest, config: older } });
  expect(readRegression(kept).scenario.config).toEqual({ ...config, batch: PLAIN.batch });
});

function commitsOneTooFar(adapter: Adapter): Adapter {
  return {
    ...adapter,
    consumer: (options) => {
      const port = adapter.consumer(options);
      const commit: ConsumerPort["commit"] = async (offsets, timeoutMs) => {
        const further = offsets.map((each) => ({ ...each, offset: each.offset + 1 }));
        const results = await port.commit(further, timeoutMs);
        return results.map((result, i) => ({ ...result, offset: offsets[i]!.offset }));
      };
      return new Proxy(port, {
        get: (target, name) => {
          const value: unknown = name === "commit" ? commit : Reflect.get(target, name, target);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
    },
  };
}
