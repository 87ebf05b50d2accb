import type { Engine, EngineSink, HandlerOutcome, KafkaRecord } from "@sluice/core";
import { afterEach, describe, expect, it } from "vitest";
import type { Handler } from "./consumer-options.ts";
import { EngineDriver } from "./engine-driver.ts";
import { systemEnvironment } from "./environment.ts";
import { Envelopes } from "./envelopes.ts";
import { until } from "./testing/helpers.ts";

/**
 * An engine that writes down what it is fed, answers with scripted effects, and fails the test when
 * it is called from within itself.
 */
class ScriptedEngine {
  readonly fed: string[] = [];
  sink!: EngineSink;
  script: Record<string, (sink: EngineSink) => void> = {};
  #inside = false;

  event(name: string): void {
    if (this.#inside) throw new Error(`${name} was fed inside another event`);
    this.#inside = true;
    this.fed.push(name);
    this.script[name]?.(this.sink);
    this.#inside = false;
  }

  handlerFinished(token: number, outcome: HandlerOutcome, now: number): void {
    this.finishedAt.push(now);
    this.event(`finished ${token} ${outcome.type}`);
  }
  timerFired(now: number): void {
    this.event("timer");
    this.firedAt.push(now);
  }
  readonly firedAt: number[] = [];
  readonly finishedAt: number[] = [];
  pauseRequested(): void {
    this.event("pause");
  }
  record(token: number): KafkaRecord {
    return {
      topic: "t",
      partition: 0,
      offset: token,
      timestamp: 0,
      key: null,
      value: null,
      headers: [],
    };
  }
  attempt(): number {
    return 1;
  }
  epoch(): number {
    return 1;
  }
}

const drivers: EngineDriver[] = [];
afterEach(() => {
  for (const driver of drivers.splice(0)) driver.dispose();
});

function setUp(handler: Handler, script: ScriptedEngine["script"], time = systemEnvironment.time) {
  const engine = new ScriptedEngine();
  engine.script = script;
  const performed: string[] = [];
  const crashes: unknown[] = [];
  const clock = systemEnvironment.time.now;
  const driver: EngineDriver = new EngineDriver(
    (sink) => {
      engine.sink = sink;
      return engine as unknown as Engine;
    },
    {
      each: (record, context) => {
        performed.push(`handler ${record.offset}`);
        return handler(record, context);
      },
    },
    {
      deadLetter: (token) => performed.push(`deadLetter ${token}`),
      commit: (id) => performed.push(`commit ${id}`),
      pause: () => {
        performed.push("pause");
        driver.feed((fed) => fed.pauseRequested([], 0));
      },
      resume: () => performed.push("resume"),
      released: (id) => performed.push(`released ${id}`),
      drained: (result) => performed.push(`drained ${result}`),
      notify: ({ type }) => performed.push(type),
      crashed: (error) => crashes.push(error),
    },
    { ...systemEnvironment, time },
    new Envelopes({ trustedTopics: new Set(), cluster: null, idHeader: false }),
  );
  drivers.push(driver);
  const feed = (name: string): void => driver.feed(() => engine.event(name));
  return { driver, engine, performed, crashes, clock, feed };
}

describe("EngineDriver", () => {
  it("performs all effects in order before it feeds the next event", () => {
    const { engine, performed, feed } = setUp(() => {}, {
      first: (sink) => {
        sink.dispatch(1);
        sink.commit(7, []);
        sink.pause([]);
        sink.dispatch(2);
        sink.released(3);
      },
      "finished 1 ok": (sink) => sink.deadLetter(9, {} as never),
      pause: (sink) => sink.drained("clean"),
    });
    feed("first");
    expect(performed).toEqual([
      "handler 1",
      "commit 7",
      "pause",
      "handler 2",
      "released 3",
      "deadLetter 9",
      "drained clean",
    ]);
    expect(engine.fed).toEqual(["first", "finished 1 ok", "pause", "finished 2 ok"]);
  });

  it("feeds what a promise brings as an event of its own", async () => {
    const { engine, feed } = setUp(
      async ({ offset }) => {
        if (offset === 2) throw new Error("x");
      },
      {
        first: (sink) => {
          sink.dispatch(1);
          sink.dispatch(2);
        },
      },
    );
    feed("first");
    expect(engine.fed).toEqual(["first"]);
    await until("both are finished", () => engine.fed.length === 3);
    expect(engine.fed.slice(1)).toEqual(["finished 1 ok", "finished 2 failed"]);
  });

  it("survives a chain of synchronous handlers of any length", () => {
    const { engine, feed } = setUp(() => {}, {
      first: (sink) => sink.dispatch(0),
    });
    engine.handlerFinished = (token) => {
      if (token < 20_000) engine.sink.dispatch(token + 1);
      else engine.fed.push("end");
    };
    feed("first");
    return until("the end of the chain", () => engine.fed.at(-1) === "end");
  });

  it("fires the timer at its deadline, not before, and only the last one set", async () => {
    const { engine, feed, clock } = setUp(() => {}, {});
    const began = clock();
    engine.script = {
      soon: (sink) => sink.setTimer(began + 20),
      later: (sink) => sink.setTimer(began + 60),
    };
    feed("soon");
    feed("later");
    await until("it fires", () => engine.firedAt.length === 1);
    expect(engine.firedAt[0]).toBeGreaterThanOrEqual(began + 60);
  });

  it("brings the timer forward, and clears it for Infinity", async () => {
    const { engine, feed, clock } = setUp(() => {}, {});
    const began = clock();
    engine.script = {
      later: (sink) => sink.setTimer(began + 60_000),
      soon: (sink) => sink.setTimer(began + 10),
      timer: (sink) => sink.setTimer(began + 30),
      never: (sink) => sink.setTimer(Infinity),
    };
    feed("later");
    feed("soon");
    await until("it fires", () => engine.firedAt.length === 1);
    feed("never");
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(engine.firedAt).toHaveLength(1);
  });

  it("does nothing more after the engine has thrown", async () => {
    const { driver, engine, performed, crashes, feed } = setUp(async () => {}, {
      first: (sink) => sink.dispatch(1),
      broken: () => {
        throw new Error("a defect");
      },
    });
    feed("first");
    feed("broken");
    expect(crashes).toMatchObject([{ message: "a defect" }]);
    expect(driver.dead).toBe(true);
    feed("first");
    await new Promise((resolve) => setImmediate(resolve));
    expect(engine.fed).toEqual(["first", "broken"]);
    expect(performed).toEqual(["handler 1"]);
  });

  // SLC-RTY-005: many succeed, so that the time is no longer read for each -> the process is not run for 8 ms
  // within the same turn -> the next one fails: its backoff counts from then.
  it("takes the exact time of a failure, whatever was read for successes before it", () => {
    let now = 1_000;
    const handler: Handler = ({ offset }) => {
      if (offset === 31) throw new Error("declined");
    };
    const script: ScriptedEngine["script"] = {
      first: (sink) => {
        for (let token = 0; token < 40; token++) sink.dispatch(token);
      },
      "finished 30 ok": () => (now += 8),
    };
    const time = { ...systemEnvironment.time, now: () => now, nextTurn: () => {} };
    const { engine, feed } = setUp(handler, script, time);
    feed("first");
    const fed = (event: string): number | undefined =>
      engine.finishedAt[engine.fed.indexOf(event) - 1];
    expect(fed("finished 30 ok")).toBe(1_000);
    expect(fed("finished 31 failed")).toBe(1_008);
  });
});
