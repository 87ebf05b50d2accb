import type { HealthReport } from "./consumer-options.ts";

export type ConsumerState = "idle" | "starting" | "running" | "stopping" | "stopped" | "failed";

/** Why a running consumer is not well, by key, so that each cause is withdrawn by its own cure. */
export class Health {
  readonly #reasons = new Map<string, { readonly text: string; readonly until: number }>();

  /** @param until the reason is gone by then unless it is stated again; milliseconds */
  degraded(key: string, text: string, until: number = Infinity): void {
    this.#reasons.set(key, { text, until });
  }

  cured(key: string): void {
    if (this.#reasons.size !== 0) this.#reasons.delete(key);
  }

  report(state: ConsumerState, now: number): HealthReport {
    const reasons: string[] = [];
    for (const [key, { text, until }] of this.#reasons) {
      if (until < now) this.#reasons.delete(key);
      else reasons.push(text);
    }
    switch (state) {
      case "idle":
      case "starting":
        return { status: "starting", reasons };
      case "running":
      case "stopping":
        return { status: reasons.length === 0 ? "healthy" : "degraded", reasons };
      case "stopped":
      case "failed":
        return { status: state, reasons };
    }
  }
}
