import { topicPrefix } from "@sluice/checker";
import type { HistoryEvent, Tp } from "@sluice/checker";

/** One event of a history in words, as it stands in the evidence of a violation. */
export interface ToldEvent {
  /** Its place in the history, from 0. */
  readonly index: number;
  /** Milliseconds since the history began. */
  readonly t: number;
  readonly text: string;
  /** Handle of the handler that it is about. */
  readonly handle: string | null;
}

/** Tells the events at these places. What is not there is left out. */
export function tellEvents(
  history: readonly HistoryEvent[],
  indices: readonly number[],
): readonly ToldEvent[] {
  const [first] = history;
  const prefix = first?.type === "case" ? topicPrefix(first) : "";
  return indices.flatMap((index) => {
    const event = history[index];
    if (event === undefined) return [];
    return [
      {
        index,
        t: event.t - (first?.t ?? 0),
        text: sentence(event, prefix),
        handle: "handle" in event ? event.handle : null,
      },
    ];
  });
}

function sentence(event: HistoryEvent, prefix: string): string {
  const place = (id: { readonly topic: string; readonly partition: number }): string =>
    `${id.topic.startsWith(prefix) ? id.topic.slice(prefix.length) : id.topic}/${id.partition}`;
  const record = (id: {
    readonly topic: string;
    readonly partition: number;
    readonly offset: string;
  }): string => `${place(id)}@${id.offset}`;
  const places = (all: readonly Tp[]): string =>
    all.map(([topic, partition]) => place({ topic, partition })).join(" ") || "nothing";

  switch (event.type) {
    case "case":
      return `the history of ${event.id} begins`;
    case "start":
      return `the group begins at ${record(event)}`;
    case "phase":
      return `phase ${event.phase}`;
    case "member":
      return `${event.member} ${event.state}${exit(event)}`;
    case "fault":
      return `fault ${event.fault} ${event.state}${event.detail === undefined ? "" : `: ${event.detail}`}`;
    case "guard":
      return `guard ${event.guard} ${event.met ? "met" : "not met"}: ${event.detail}`;
    case "expect":
      return `${record(event)} is to end as ${event.expect}`;
    case "produced":
      return `${record(event)} was acknowledged to the producer`;
    case "visible":
      return `${record(event)} is in the topic in the end`;
    case "log-range":
      return `${place(event)} holds offsets ${event.start} to ${event.end} in the end`;
    case "dead-letter":
      return `${record(event)} is a dead letter${event.origin === null ? " without an origin" : ` of ${record(event.origin)}`}`;
    case "join":
      return `${event.member} joined the group`;
    case "assignment":
      return `${event.member} was given ${places(event.partitions)} (generation ${event.generation})`;
    case "owned":
      return `${event.member} said that it holds ${places(event.partitions)} (generation ${event.generation})`;
    case "leave":
      return `${event.member} left the group`;
    case "heartbeat":
      return `a heartbeat of ${event.member} was answered (generation ${event.generation})`;
    case "commit-request": {
      const offsets = event.offsets.map((entry) => `${place(entry)} ${entry.offset}`).join(", ");
      return `${event.member} asked to commit ${offsets || "nothing"} (generation ${event.generation}, OffsetCommit v${event.version}, ${event.id})`;
    }
    case "commit-answer": {
      const errors = event.results.filter(({ error }) => error !== 0);
      const said =
        errors.length === 0
          ? "accepted"
          : errors.map((result) => `${place(result)} error ${result.error}`).join(", ");
      return `the broker answered ${event.member}'s commit ${event.id}: ${said}${event.forwarded ? "" : "; the answer was withheld"}`;
    }
    case "divert-acked":
      return `the dead letter of ${record(event.origin)} was acknowledged to ${event.member} as ${places([event.to])}@${event.toOffset}`;
    case "fetched":
      return `${event.member} was sent ${event.bytes} bytes`;
    case "committed":
      return `the commit log holds ${place(event)} ${event.offset}${event.own === true ? ", written by the runner" : ""}`;
    case "begin":
      return `${event.member} began ${record(event)}, attempt ${event.attempt} (${event.handle})`;
    case "finish":
      return `the runner finished ${event.handle}: ${event.result}`;
    case "dropped":
      return `${event.member} said that it dropped ${event.handle}: ${event.reason}`;
    case "claim":
      return `${event.member} claimed ${event.claim}${event.partitions === undefined ? "" : ` ${places(event.partitions)}`}${event.detail === undefined ? "" : `: ${event.detail}`}`;
    case "vector":
      return `the answer to ${event.file}, tcId ${event.tcId} (${event.op})`;
  }
}

function exit(event: Extract<HistoryEvent, { type: "member" }>): string {
  if (event.state === "stopping") {
    return event.deadlineMs === undefined ? "" : ` within ${event.deadlineMs} ms`;
  }
  if (event.state !== "exited") return "";
  const how = event.signal ? `by ${event.signal}` : `with code ${event.code ?? "?"}`;
  return ` ${how}${event.forced === true ? ", forced" : ""}`;
}
