import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import type { SubjectConfig, SubjectEvent } from "./protocol.ts";
import { SubjectError } from "./subject-error.ts";
import type { SubjectExit } from "./subject-process.ts";
import { SubjectProcess } from "./subject-process.ts";

/** A fake subject: a few lines of JavaScript that run in a process of their own. */
interface Fake {
  readonly subject: SubjectProcess;
  readonly events: SubjectEvent[];
  readonly broken: SubjectError[];
  readonly exits: SubjectExit[];
}

const started: SubjectProcess[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((subject) => subject.kill()));
});

function fake(script: string): Fake {
  return spawn(process.execPath, ["-e", PRELUDE + script]);
}

function spawn(command: string, args: readonly string[]): Fake {
  const events: SubjectEvent[] = [];
  const broken: SubjectError[] = [];
  const exits: SubjectExit[] = [];
  const subject = SubjectProcess.spawn(
    "m0",
    { command, args },
    {
      event: (event) => events.push(event),
      broken: (error) => broken.push(error),
      exited: (exit) => exits.push(exit),
    },
  );
  started.push(subject);
  return { subject, events, broken, exits };
}

/** `say` writes a message, `on(cmd, f)` answers commands; `hello` is answered rightly by default. */
const PRELUDE = `
  const say = (m) => process.stdout.write(JSON.stringify(m) + "\\n");
  const handlers = {};
  const on = (cmd, f) => { handlers[cmd] = f; };
  const HELLO = {
    protocol: 1, spec: "1.0.0", name: "fake", version: "1", language: "js", runtime: "node",
    client: { name: "none", version: "0" },
    capabilities: { groupProtocol: ["classic"], rebalance: ["eager"], ordering: ["key"], retry: [],
      dlq: false, graceful: false, startAt: false, vectors: [], headers: { order: true, empty: true, null: true } },
  };
  on("hello", ({ id }) => say({ id, ok: HELLO }));
  require("node:readline").createInterface({ input: process.stdin })
    .on("line", (line) => { const c = JSON.parse(line); handlers[c.cmd]?.(c); })
    .on("close", () => process.exit(0));
`;

const CONFIG: SubjectConfig = {
  brokers: ["127.0.0.1:1"],
  group: "g",
  member: "m0",
  topics: ["in"],
  concurrency: 1,
  ordering: "key",
  commitIntervalMs: 100,
  sessionTimeoutMs: 6000,
  heartbeatMs: 500,
  rebalanceTimeoutMs: 10000,
  drainTimeoutMs: 1000,
  groupProtocol: "classic",
  assignor: "range",
  isolation: "read_committed",
  startAt: "earliest",
  retry: { maxAttempts: 1, backoffMs: 1, jitter: "none" },
  deadLetter: null,
};

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof SubjectError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "no error";
}

describe("a subject on stdio", () => {
  test("says who it is, and takes commands and finishes", async () => {
    const { subject, events } = fake(`
      on("start", ({ id }) => { say({ id, ok: {} });
        say({ ev: "begin", h: "1", epoch: "1", t: "in", p: 0, o: "0", key: null, vh: null, attempt: 1 }); });
      on("finish", ({ h, result }) => say({ ev: "dropped", h, reason: result }));
      on("stop", ({ id }) => { say({ id, ok: { forced: true } }); process.exit(0); });
    `);
    expect((await subject.hello(5_000)).name).toBe("fake");
    await subject.start(CONFIG, 5_000);
    await expect.poll(() => events.length).toBe(1);
    subject.finish("1", "ok");
    await expect.poll(() => events.at(-1)).toMatchObject({ ev: "dropped", reason: "ok" });
    expect(await subject.stop(1_000, 5_000)).toEqual({ forced: true });
    expect(await subject.exits(5_000)).toEqual({ code: 0, signal: null });
  });

  test("replies out of order find their commands", async () => {
    const { subject } = fake(`
      const waiting = [];
      on("vector", (c) => { waiting.push(c); if (waiting.length === 2)
        for (const { id, input: { n } } of waiting.reverse()) say({ id, ok: { n } }); });
    `);
    const [first, second] = await Promise.all([
      subject.vector("Other", { n: 1 }, 5_000),
      subject.vector("Other", { n: 2 }, 5_000),
    ]);
    expect([first, second]).toEqual([{ ok: { n: 1 } }, { ok: { n: 2 } }]);
  });

  test("garbage on standard output is named, once, with what it was", async () => {
    const { subject, broken, events } = fake(`
      on("hello", () => { console.log("Connecting to Kafka..."); console.log("{"); say({ ev: "dropped", h: "1", reason: "" }); });
    `);
    expect(await codeOf(subject.hello(5_000))).toMatch(/^garbage: .*Connecting to Kafka/);
    await subject.kill();
    expect(broken.map(({ code }) => code)).toEqual(["garbage"]);
    expect(events).toEqual([]);
  });

  test.each([
    ["an event that misses a field", { ev: "begin", h: "1" }],
    [
      "an offset as a number",
      { ev: "begin", h: "1", epoch: "1", t: "in", p: 0, o: 5, key: null, vh: null, attempt: 1 },
    ],
    ["an event nobody knows", { ev: "progress" }],
    ["an answer to a command that was never sent", { id: 99, ok: {} }],
    ["an array", []],
  ])("%s is invalid", async (_, message) => {
    const { subject } = fake(`on("hello", () => say(${JSON.stringify(message)}));`);
    expect(await codeOf(subject.hello(5_000))).toMatch(/^invalid: /);
  });

  test("unknown fields are ignored", async () => {
    const { subject, events } = fake(`
      on("hello", ({ id }) => { say({ ev: "dropped", h: "1", reason: "", since: 5 }); say({ id, ok: { ...HELLO, more: 1 } }); });
    `);
    await subject.hello(5_000);
    expect(events.length).toBe(1);
  });

  test("another protocol version is told from a broken one", async () => {
    const { subject } = fake(
      `on("hello", ({ id }) => say({ id, ok: { ...HELLO, protocol: 2 } }));`,
    );
    expect(await codeOf(subject.hello(5_000))).toMatch(/^version: .*speaks protocol 2/);
  });

  test("a hello without a protocol is invalid", async () => {
    const { subject } = fake(`on("hello", ({ id }) => say({ id, ok: {} }));`);
    expect(await codeOf(subject.hello(5_000))).toMatch(/^invalid: .*which `protocol` it speaks/);
  });

  test("a hello that says too little is invalid", async () => {
    const { subject } = fake(
      `on("hello", ({ id }) => say({ id, ok: { protocol: 1, name: "x" } }));`,
    );
    expect(await codeOf(subject.hello(5_000))).toMatch(/^invalid: .*hello/);
  });

  test("a stop that does not say whether it was forced is invalid", async () => {
    const { subject } = fake(`on("stop", ({ id }) => say({ id, ok: {} }));`);
    expect(await codeOf(subject.stop(1_000, 5_000))).toMatch(/^invalid: .*stop.*forced/);
  });

  test("one that dies is named with its code and its last words", async () => {
    const { subject, exits } = fake(`
      on("hello", () => { process.stderr.write("no such module\\n", () => process.exit(7)); });
    `);
    expect(await codeOf(subject.hello(5_000))).toMatch(/^died: .*code 7.*no such module/);
    expect(exits).toEqual([{ code: 7, signal: null }]);
    expect(await codeOf(subject.start(CONFIG, 5_000))).toMatch(/^died: /);
  });

  test("what a silent one says on standard error is told", async () => {
    const { subject } = fake(`
      on("start", ({ id }) => process.stderr.write("waiting for a broker\\n", () => say({ id, ok: {} })));
      on("stop", () => {});
    `);
    await subject.start(CONFIG, 5_000);
    await expect.poll(() => subject.stderr).toMatch(/broker/);
    expect(await codeOf(subject.stop(1, 100))).toMatch(
      /^silent: .*100 ms; it said: waiting for a broker$/,
    );
  });

  test("one that hangs is silent by the deadline, and can be killed", async () => {
    const { subject } = fake(`on("hello", () => {});`);
    expect(await codeOf(subject.hello(100))).toBe(
      "silent: subject m0: no answer to hello in 100 ms",
    );
    expect(await subject.kill()).toEqual({ code: null, signal: "SIGKILL" });
  });

  test("one that floods without a newline is cut off at 1 MiB", async () => {
    const { subject } = fake(`
      on("hello", () => { const flood = () => process.stdout.write("x".repeat(65536), flood); flood(); });
    `);
    expect(await codeOf(subject.hello(20_000))).toMatch(/^too-long: /);
  });

  test("one that floods with lines of the right form is cut off, too", async () => {
    const { subject, events } = fake(`
      const lines = (JSON.stringify({ ev: "dropped", h: "1", reason: "" }) + "\\n").repeat(1000);
      on("hello", () => { const flood = () => process.stdout.write(lines, flood); flood(); });
    `);
    expect(await codeOf(subject.hello(60_000))).toMatch(
      /^too-many: .*wrote 200000 lines in \d+ ms$/,
    );
    const kept = events.length;
    await subject.kill();
    expect(events.length).toBe(kept);
  }, 90_000);

  test("one that does not read cannot block the runner", async () => {
    const { subject, broken } = fake(`
      on("start", ({ id }) => { say({ id, ok: {} }); process.stdin.pause(); while (true); });
    `);
    await subject.start(CONFIG, 5_000);
    const filler = { type: "Filler", message: "x".repeat(100_000) };
    for (let i = 0; i < 120; i++) subject.finish("1", "throw", filler);
    expect(broken.map(({ code }) => code)).toEqual(["not-reading"]);
  });

  test("a command that does not exist is a spawn error", async () => {
    const { subject } = spawn("/no/such/subject", []);
    expect(await codeOf(subject.hello(5_000))).toMatch(/^spawn: .*no \/no\/such\/subject from \//);
    expect(await subject.kill()).toEqual({ code: null, signal: null });
    const { subject: folder } = spawn("/", []);
    expect(await codeOf(folder.hello(5_000))).toMatch(/^spawn: .*\/ is no program/);
    const { subject: named } = spawn("no-such-subject", []);
    expect(await codeOf(named.hello(5_000))).toMatch(/^spawn: .*no no-such-subject on the PATH/);
  });

  test("a refusal carries the subject's reason", async () => {
    const { subject } = fake(`
      on("start", ({ id }) => say({ id, error: { code: "ConfigurationError", message: "no topic in" } }));
    `);
    expect(await codeOf(subject.start(CONFIG, 5_000))).toMatch(
      /^refused: .*refused start: ConfigurationError: no topic in/,
    );
  });

  test("an operation that it does not have is an answer, not a failure", async () => {
    const { subject } = fake(`
      on("vector", ({ id }) => say({ id, error: { code: "unsupported" } }));
    `);
    expect(await subject.vector("Other", {}, 5_000)).toEqual({ error: { code: "unsupported" } });
  });

  test("what it does not declare it cannot do", async () => {
    const { subject } = fake(
      `on("hello", ({ id }) => say({ id, ok: { ...HELLO, capabilities: { vectors: ["Partition"] } } }));`,
    );
    expect((await subject.hello(5_000)).capabilities).toEqual({
      groupProtocol: [],
      rebalance: [],
      ordering: [],
      retry: [],
      dlq: false,
      graceful: false,
      startAt: false,
      commitMetadata: false,
      staticMembership: false,
      bufferLimit: false,
      hooks: [],
      vectors: ["Partition"],
      headers: { order: false, empty: false, null: false },
    });
  });

  test("killing takes its children along", async () => {
    const { subject, events } = fake(`
      const child = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
      on("hello", ({ id }) => { say({ ev: "dropped", h: String(child.pid), reason: "" }); say({ id, ok: HELLO }); });
    `);
    await subject.hello(5_000);
    const [event] = events;
    const pid = event?.ev === "dropped" ? Number(event.h) : 0;
    expect(pid).toBeGreaterThan(0);
    await subject.kill();
    await expect.poll(() => alive(pid), { timeout: 5_000 }).toBe(false);
  });

  test("the runner's own wrong command is its own error", () => {
    const { subject } = fake("");
    expect(() => subject.finish("", "ok")).toThrow(/runner: invalid finish command/);
  });
});

/** A zombie that its new parent has not reaped yet is dead for our purposes. */
function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.split(") ")[1]?.startsWith("Z") !== true;
  } catch {
    return false;
  }
}
