import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Admin } from "kafkajs";

export const CLI: string = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

export interface Ended {
  readonly code: number | null;
  /** On standard output and standard error. */
  readonly said: string;
}

/** Runs the command line until it ends; `during` is called with its process. */
export function runCli(
  args: readonly string[],
  {
    env = {},
    during,
  }: { env?: NodeJS.ProcessEnv; during?: ((pid: number) => void) | undefined } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [CLI, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  during?.(child.pid as number);
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, said })));
}

/** Topics and groups but for Kafka's own. */
export async function everythingIn(admin: Admin): Promise<string[]> {
  const topics = await admin.listTopics();
  const { groups } = await admin.listGroups();
  return [...topics, ...groups.map(({ groupId }) => groupId)]
    .filter((name) => !name.startsWith("__"))
    .toSorted();
}
