import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDockerCluster, type DockerCluster } from "../src/cluster/docker-cluster.ts";
import { connectExternalCluster } from "../src/cluster/external-cluster.ts";
import { Witness } from "../src/witness/witness.ts";

// Needs an engine and an image: .ci/run says where both are (SLUICE_DOCKER_TESTS).
describe.runIf(process.env["SLUICE_DOCKER_TESTS"] === "1")("a cluster in containers", () => {
  let cluster: DockerCluster;
  let witness: Witness;
  beforeAll(async () => {
    cluster = await startDockerCluster();
    witness = new Witness(cluster.witnessBrokers);
    await witness.connect({ commitLog: true });
  }, 180_000);
  afterAll(async () => {
    await witness?.close();
    await cluster?.close();
  }, 60_000);

  test("clients are told the proxy's address, the witness the published port", async () => {
    const through = await connectExternalCluster(cluster.clientBrokers);
    expect(through.nodes).toEqual([1]);
    const topic = `${cluster.prefix}-t`;
    const seen: string[] = [];
    const off = cluster.proxy.onFrame(({ clientId }) => seen.push(String(clientId)));
    const client = new Witness(cluster.clientBrokers);
    await client.connect({ commitLog: false });
    await client.createTopic(topic, 1);
    const record = { partition: 0, key: null, value: Buffer.from("v") };
    await client.produce(topic, [record]);
    await client.close();
    off();
    expect(seen.length).toBeGreaterThan(0);
    expect(await witness.logRanges(topic)).toEqual([{ partition: 0, start: 0, end: 1 }]);
  });

  test("a killed broker refuses, and comes back with its data", async () => {
    const topic = `${cluster.prefix}-kept`;
    await witness.createTopic(topic, 1);
    await witness.produce(topic, [{ partition: 0, key: null, value: Buffer.from("kept") }]);
    await cluster.signal(1, "kill");
    const gone = await connectExternalCluster(cluster.clientBrokers).catch(String);
    expect(gone).toContain("ECONNREFUSED");
    await cluster.restart(1);
    await cluster.healthy(30_000);
    expect(await witness.logRanges(topic)).toEqual([{ partition: 0, start: 0, end: 1 }]);
    expect(cluster.log(1)).toContain("Coordinator");
  }, 120_000);

  test("a paused broker is silent, and answers when it goes on; it may be killed meanwhile", async () => {
    await cluster.freeze(1);
    await expect(cluster.healthy(1_000)).rejects.toThrow("nothing has answered yet");
    await cluster.thaw(1);
    await cluster.healthy(30_000);
    await cluster.freeze(1);
    await cluster.signal(1, "kill");
    await cluster.restart(1);
    await cluster.healthy(30_000);
    await expect(cluster.fillDisk(1)).rejects.toThrow("cannot fill");
  }, 120_000);

  test("an ordered end is one, and close leaves neither container nor network", async () => {
    const own = await startDockerCluster();
    await own.signal(1, "term");
    // Of its farewell: log4j2 goes before Kafka is quite done.
    expect(own.log(1)).toContain("signal SIGTERM");
    const before = ours(process.pid);
    await Promise.all([own.close(), own.close()]);
    const gone = before.filter((each) => !ours(process.pid).includes(each));
    expect(gone.map((each) => each.split(" ")[0])).toEqual(["container", "network"]);
  }, 180_000);

  test("what a killed runner leaves is removed by the next", async () => {
    const loader = new URL("./killed-runner/typescript.mjs", import.meta.url);
    const script = new URL("./killed-runner/docker-runner.ts", import.meta.url);
    const runner = spawn(
      process.execPath,
      ["--no-warnings", "--import", loader.href, fileURLToPath(script)],
      { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, NODE_OPTIONS: "" } },
    );
    await once(createInterface({ input: runner.stdout }), "line");
    const pid = runner.pid as number;
    expect(ours(pid).length).toBe(2);
    const exited = once(runner, "exit");
    runner.kill("SIGKILL");
    await exited;
    const next = await startDockerCluster();
    expect(ours(pid)).toEqual([]);
    await next.close();
  }, 240_000);
});

/** Containers and networks that a runner has made. */
function ours(pid: number): string[] {
  const format = `{{.ID}} {{.Label "dev.sluice.runner"}}`;
  const list = (kind: string, ...command: string[]): string[] =>
    execFileSync(
      "docker",
      [...command, "--filter", "label=dev.sluice.runner", "--format", `${kind} ${format}`],
      { encoding: "utf8" },
    ).split("\n");
  const all = [...list("container", "ps", "-a"), ...list("network", "network", "ls")];
  return all.filter((line) => line.endsWith(`:${pid}`));
}

test("without an engine it says so, and what to do", async () => {
  const script = `
    const { startDockerCluster } = await import(${JSON.stringify(new URL("../src/cluster/docker-cluster.ts", import.meta.url).href)});
    const error = await startDockerCluster().catch((e) => e);
    console.log(JSON.stringify({ name: error.name, message: error.message, remedy: error.remedy }));
    process.exit(0);`;
  const loader = new URL("./killed-runner/typescript.mjs", import.meta.url).href;
  const child = spawn(
    process.execPath,
    ["--no-warnings", "--import", loader, "--input-type=module", "-e", script],
    {
      stdio: ["ignore", "pipe", "inherit"],
      // A process of its own: Testcontainers remembers the engine it has found.
      env: { PATH: process.env["PATH"], HOME: "/nonexistent", DOCKER_HOST: "tcp://127.0.0.1:1" },
    },
  );
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  expect(JSON.parse(line)).toEqual({
    name: "EnvironmentError",
    message: expect.stringMatching(/^docker: no engine: /) as string,
    remedy: expect.stringContaining("--cluster local") as string,
  });
});
