import type { Frame, Proxy } from "../proxy/proxy.ts";

/** A frame that its receiver got late or never; times are those of the history. */
export interface WithheldFrame {
  /** When its last byte arrived at the proxy. */
  readonly t: number;
  /** When it was passed on or given up; null: it was still waiting when the case ended. */
  readonly until: number | null;
  readonly fate: "late" | "lost";
  readonly member: string;
  readonly direction: Frame["direction"];
  /** `OffsetCommit v5`. */
  readonly api: string;
  readonly node: number;
  readonly connection: number;
  readonly correlationId: number;
}

/** A frame passed on sooner than this was not withheld: a busy machine alone takes that long. */
const LATE_MS = 100;

/**
 * Notes which frames between members and brokers were held back or lost: they explain a history, no
 * verdict rests on them. What was passed on at once leaves no trace here.
 */
export class WithheldFrames {
  readonly #waiting = new Map<Frame, string>();
  readonly #found: WithheldFrame[] = [];
  readonly #now: () => number;
  readonly #off: () => void;

  constructor(
    proxy: Pick<Proxy, "onFrame">,
    isMember: (clientId: string) => boolean,
    now: () => number = () => performance.now(),
  ) {
    this.#now = now;
    this.#off = proxy.onFrame((frame, stage) => {
      const client = frame.clientId ?? frame.request?.clientId ?? null;
      if (client === null) return;
      if (stage === "arrived") {
        const member = client.replace(/-producer$/, "");
        if (isMember(member)) this.#waiting.set(frame, member);
        return;
      }
      const member = this.#waiting.get(frame);
      if (member === undefined) return;
      this.#waiting.delete(frame);
      const until = round(this.#now());
      if (stage === "discarded") this.#note(frame, member, until, "lost");
      else if (until - frame.t >= LATE_MS) this.#note(frame, member, until, "late");
    });
  }

  /** Stops watching. The answer is in the order of arrival. */
  close(): readonly WithheldFrame[] {
    this.#off();
    for (const [frame, member] of this.#waiting) this.#note(frame, member, null, "lost");
    this.#waiting.clear();
    return this.#found.sort((a, b) => a.t - b.t);
  }

  #note(frame: Frame, member: string, until: number | null, fate: WithheldFrame["fate"]): void {
    this.#found.push({
      t: round(frame.t),
      until,
      fate,
      member,
      direction: frame.direction,
      api: `${API_NAMES[frame.apiKey] ?? `API ${frame.apiKey}`} v${frame.apiVersion}`,
      node: frame.node,
      connection: frame.connection,
      correlationId: frame.correlationId,
    });
  }
}

function round(t: number): number {
  return Math.round(t * 1000) / 1000;
}

const API_NAMES: Readonly<Record<number, string>> = {
  0: "Produce",
  1: "Fetch",
  2: "ListOffsets",
  3: "Metadata",
  8: "OffsetCommit",
  9: "OffsetFetch",
  10: "FindCoordinator",
  11: "JoinGroup",
  12: "Heartbeat",
  13: "LeaveGroup",
  14: "SyncGroup",
  18: "ApiVersions",
  22: "InitProducerId",
  68: "ConsumerGroupHeartbeat",
};
