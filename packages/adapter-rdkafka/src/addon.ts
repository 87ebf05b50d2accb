import { createRequire } from "node:module";

import { ConfigurationError } from "@sluice/core";

import type { ClientModule } from "./client.ts";

let loaded: ClientModule | undefined;

/**
 * The client, loaded on first use: importing this package never fails for want of a binary.
 * @throws ConfigurationError saying how to get the native addon
 */
export function loadAddon(): ClientModule {
  loaded ??= load(createRequire(import.meta.url));
  return loaded;
}

/** Separate so that a test can hand in a `require` that fails. */
export function load(require: (name: string) => unknown): ClientModule {
  try {
    return require("@confluentinc/kafka-javascript") as ClientModule;
  } catch (error) {
    const [reason] = (error as Error).message.split("\n");
    throw new ConfigurationError(
      "rdkafka",
      `the native addon of @confluentinc/kafka-javascript does not load (${reason})`,
      "In this repository run: node tools/addon/ensure.mjs. Elsewhere run: " +
        "npm rebuild @confluentinc/kafka-javascript (CKJS_LINKING=dynamic builds it with the " +
        "system's libraries). Or use kafkajs({ … }), which needs no addon.",
    );
  }
}
