import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Answered, parseCommandLine, UsageError } from "./options.ts";
import type { Request } from "./options.ts";

beforeEach(() => void vi.stubEnv("SLUICE_SEED", undefined));
afterEach(() => void vi.unstubAllEnvs());

let printed = "";
function parse(...args: string[]): Request {
  printed = "";
  const output = { out: (text: string) => (printed += text), err: () => {} };
  return parseCommandLine(args, output, "1.2.3");
}

function usage(...args: string[]): string {
  try {
    parse(...args);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error(`accepted: ${args.join(" ")}`);
}

describe("the command line", () => {
  test("without anything runs all of it, with a seed of its own", () => {
    const request = parse();
    expect(request).toMatchObject({
      type: "run",
      run: {
        patterns: [],
        level: null,
        adapters: [],
        brokers: [],
        clientConfig: null,
        cluster: "local",
        security: null,
        out: "conformance-report",
        json: false,
        known: {},
        command: [],
      },
    });
    if (request.type !== "run") throw new Error("not a run");
    expect(Number.isInteger(request.run.seed)).toBe(true);
  });

  test("takes every option", () => {
    const args = [
      "--run",
      "group/*",
      "--run",
      "core/hold-head",
      "--level",
      "L2",
      "--adapter",
      "rdkafka",
    ];
    expect(
      parse(
        ...args,
        "--brokers",
        "a:9092, [::1]:9093",
        "--client-config",
        "c.properties",
        "--seed",
        "42",
        "--out",
        "r",
        "--json",
      ),
    ).toEqual({
      type: "run",
      run: {
        patterns: ["group/*", "core/hold-head"],
        level: "L2",
        adapters: ["rdkafka"],
        brokers: ["a:9092", "[::1]:9093"],
        clientConfig: "c.properties",
        cluster: "local",
        security: null,
        seed: 42,
        out: "r",
        json: true,
        soak: null,
        known: {},
        command: [],
      },
    });
  });

  test("takes a soak, and what belongs to it", () => {
    expect(parse("--soak", "--seed", "7")).toMatchObject({
      run: { seed: 7, soak: { minutes: 10, round: null, dryRun: false } },
    });
    expect(parse("--soak", "--minutes", "0.5", "--dry-run")).toMatchObject({
      run: { soak: { minutes: 0.5, dryRun: true } },
    });
    expect(parse("--soak", "--minutes", "3", "--round", "3")).toMatchObject({
      run: { soak: { round: 3 } },
    });
    expect(usage("--soak", "--minutes", "3", "--round", "4")).toMatch(/has 3 rounds/);
    expect(usage("--soak", "--minutes", "0")).toMatch(/Minutes from 0\.5/);
    expect(usage("--soak", "--run", "core/*")).toMatch(/choose nothing there/);
    expect(usage("--minutes", "3", "--dry-run")).toMatch(/--minutes and --dry-run is for --soak/);
    expect(usage("--soak", "self")).toMatch(/self is no soak/);
  });

  test("takes a cluster of another kind, and another way into it", () => {
    expect(parse("--cluster", "docker")).toMatchObject({ run: { cluster: "docker" } });
    expect(parse("self", "--security", "mtls")).toMatchObject({ run: { security: "mtls" } });
  });

  test("leaves what follows -- to the subject, options and all", () => {
    expect(parse("--seed", "1", "--", "java", "-jar", "s.jar", "--run", "x")).toMatchObject({
      run: { seed: 1, command: ["java", "-jar", "s.jar", "--run", "x"] },
    });
    expect(usage("--")).toMatch(/command that starts your subject/);
  });

  test("self takes options on either side", () => {
    expect(parse("--seed", "5", "self", "--run", "core/*")).toMatchObject({
      type: "self",
      run: { seed: 5, patterns: ["core/*"] },
    });
    expect(parse("self", "--seed", "6", "--out", "x")).toMatchObject({
      type: "self",
      run: { seed: 6, out: "x" },
    });
  });

  test("takes its seed from SLUICE_SEED, where none is said", () => {
    vi.stubEnv("SLUICE_SEED", "4294967295");
    expect(parse()).toMatchObject({ run: { seed: 4_294_967_295 } });
    expect(parse("self")).toMatchObject({ type: "self", run: { seed: 4_294_967_295 } });
    expect(parse("--seed", "5")).toMatchObject({ run: { seed: 5 } });
    expect(parse("--seed", "5", "self")).toMatchObject({ type: "self", run: { seed: 5 } });
    expect(parse("self", "--seed", "6")).toMatchObject({ type: "self", run: { seed: 6 } });
  });

  test.each(["", "-1", "1e3", "4294967296", "random"])("SLUICE_SEED=%s is wrong usage", (seed) => {
    vi.stubEnv("SLUICE_SEED", seed);
    expect(usage()).toBe(
      `option '--seed <n>' value '${seed}' from env 'SLUICE_SEED' is invalid. A seed is a whole number from 0 to 4294967295.`,
    );
    expect(parse("--seed", "5")).toMatchObject({ run: { seed: 5 } });
  });

  test("lists and explains", () => {
    expect(parse("--list", "--json").type).toBe("list");
    expect(parse("--explain", "core/hold-head")).toEqual({
      type: "explain",
      case: "core/hold-head",
    });
  });

  test.each([
    [["--brokrs", "a:1"], /unknown option '--brokrs'[^]*--brokers/],
    [["--adapter", "kafkasj"], /Did you mean kafkajs\?/],
    [["--adapter", "toString"], /No such adapter/],
    [["--run", "core/holdhead"], /Did you mean core\/hold-head\?/],
    [["--explain", "zzzzzzzzzzzzzzzzzzzzzzzzz"], /No such case. --list shows them/],
    [["--level", "L7"], /Allowed choices are L0/],
    [["--seed", "-1"], /whole number/],
    [["--seed", "1e3"], /whole number/],
    [["--seed", "99999999999"], /whole number/],
    [["--brokers", "localhost"], /"localhost" is not host:port/],
    [["--client-config", "f"], /give --brokers/],
    [["--brokers", "a:1", "--cluster", "docker"], /--brokers is a cluster already/],
    [["--brokers", "a:1", "--security", "tls"], /said by --client-config/],
    [["--cluster", "docker", "--security", "tls"], /for a local cluster/],
    [["--cluster", "podman"], /Allowed choices are local, docker/],
    [["--security", "kerberos"], /Allowed choices are plain, scram-256/],
    [["--out"], /argument missing/],
    [["--brokers", "localhost:0"], /"localhost:0" is not host:port/],
    [["--brokers", "localhost:65536"], /"localhost:65536" is not host:port/],
    [["--run="], /Name a case/],
    [["--explain", "core/hol"], /Did you mean core\/hold-head\?/],
    [["--adapter", "rdk"], /Did you mean rdkafka or rdkafka\/cooperative or rdkafka\/eager\?/],
    [["sefl"], /^"sefl" is no command\. Did you mean self\?$/],
    [["core/hold-head"], /^"core\/hold-head" is a case: --run core\/hold-head$/],
    [["self", "core/hold-head"], /^self cannot take "core\/hold-head" as well\.$/],
  ])("%j is wrong usage, with what is right", (args, message) => {
    expect(usage(...args)).toMatch(message);
  });

  test("replay takes one folder, and no run's options", () => {
    expect(parse("replay", "conformance-report")).toEqual({
      type: "replay",
      path: "conformance-report",
    });
    expect(usage("replay")).toMatch(/missing required argument 'dir'/);
    expect(usage("replay", "a", "b")).toBe('replay cannot take "b" as well.');
  });

  test("help teaches with examples and exit codes", () => {
    expect(() => parse("--help")).toThrow(Answered);
    expect(printed).toContain("Examples:");
    expect(printed).toContain("64   wrong usage");
    expect(printed).toMatch(/--seed <n> [^-]*SLUICE_SEED/);
    expect(() => parse("--version")).toThrow(Answered);
    expect(printed).toBe("1.2.3\n");
  });
});

describe("lists of what is known to fail", () => {
  const folder = mkdtempSync(join(tmpdir(), "known-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (text: string): string => {
    const path = join(mkdtempSync(join(folder, "-")), "list.txt");
    writeFileSync(path, text);
    return `@${path}`;
  };

  test("are read, both kinds together", () => {
    const request = parse(
      "--known-failing",
      file("core/hold-head it commits the highest\n"),
      "--known-flaky",
      file("group/* sometimes\n"),
    );
    expect(request).toMatchObject({
      run: {
        known: {
          failing: [
            { list: "failing", pattern: "core/hold-head", reason: "it commits the highest" },
          ],
          flaky: [{ list: "flaky", pattern: "group/*", reason: "sometimes" }],
        },
      },
    });
  });

  test("may be empty, which is another thing than not to be named", () => {
    const empty = file("# nothing\n");
    expect(parse("--known-failing", empty)).toMatchObject({ run: { known: { failing: [] } } });
    expect(parse("--known-failing", empty)).not.toHaveProperty("run.known.flaky");
    expect(parse("--known-flaky", empty)).toMatchObject({ run: { known: { flaky: [] } } });
    expect(parse("--known-flaky", empty)).not.toHaveProperty("run.known.failing");
  });

  test.each([
    ["core/hold-head", /list\.txt:1: core\/hold-head has no reason/],
    ["core/hold-haed why", /list\.txt:1: no case that is run matches core\/hold-haed/],
    ["\nretry/retry-topic-hop a draft", /list\.txt:2: no case that is run/],
  ])("%j is wrong usage", (text, message) => {
    expect(usage("--known-failing", file(text))).toMatch(message);
  });

  test("are files, and only of runs", () => {
    expect(usage("--known-failing", "core/*")).toMatch(/Give a file, as @failing\.txt/);
    expect(usage("--known-flaky", "@/no/such/file")).toMatch(/cannot be read: ENOENT/);
    expect(usage("--known-flaky", file(""), "self")).toMatch(/self takes no lists/);
  });
});
