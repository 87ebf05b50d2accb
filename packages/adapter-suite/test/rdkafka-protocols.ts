import { rdkafka, type RdkafkaConfig } from "@sluice/adapter-rdkafka";
import { describe } from "vitest";
import { adapters, type Tested } from "./harness/adapters.ts";

export type Protocol = "eager" | "cooperative" | "kip-848";

const settings: Readonly<Record<Protocol, Partial<RdkafkaConfig>>> = {
  eager: { groupProtocol: "classic", assignor: "range" },
  cooperative: { groupProtocol: "classic", assignor: "cooperative-sticky" },
  "kip-848": { groupProtocol: "consumer" },
};

export const protocols = Object.keys(settings) as Protocol[];

/** The rdkafka adapter in one of its three ways to move partitions. */
export function rdkafkaIn(protocol: Protocol, more: Partial<RdkafkaConfig> = {}): Tested {
  return {
    name: "rdkafka",
    missing: whyMissing(),
    create: (config) => rdkafka({ ...config, ...settings[protocol], ...more }),
  };
}

/** A `describe` for rdkafka alone: without the addon it is skipped, and said aloud. */
export function describeRdkafka(title: string, tests: () => void): void {
  const missing = whyMissing();
  if (missing === null) {
    describe(title, tests);
    return;
  }
  if (process.env["SLUICE_REQUIRE_RDKAFKA"] === "1") throw new Error(missing);
  process.stderr.write(`NOT TESTED: ${title}: ${missing}\n`);
  describe.skip(`${title} NOT TESTED: ${missing}`, tests);
}

function whyMissing(): string | null {
  return adapters.find(({ name }) => name === "rdkafka")?.missing ?? null;
}
