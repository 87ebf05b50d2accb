// @ts-check
// The readers in other languages: what each needs, how it is built and how it is started.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { run, step } from "../../run/process.mjs";

const at = (/** @type {string} */ path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/**
 * @typedef {object} Reader
 * @property {string} language
 * @property {string} needs in words
 * @property {readonly (readonly [command: string, ...args: string[]])[]} probes each ends with 0 where the toolchain is there
 * @property {readonly [command: string, ...args: string[]] | null} build
 * @property {{ command: string, args: readonly string[] }} start
 */

/** @type {Readonly<Record<string, Reader>>} */
export const READERS = {
  java: {
    language: "Java",
    needs: "a JDK 17 or newer (javac, java) and Maven (mvn)",
    probes: [
      ["javac", "-version"],
      ["mvn", "-v"],
    ],
    build: ["mvn", "-q", "-B", "-f", at("java/pom.xml"), "package"],
    // It lives for seconds, many times: quick to start matters more than fast in the end.
    start: {
      command: "java",
      args: [
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-jar",
        at("java/target/spec-reader.jar"),
      ],
    },
  },
  go: {
    language: "Go",
    needs: "Go 1.24 or newer (go)",
    probes: [["go", "version"]],
    build: ["go", "build", "-C", at("go"), "-o", "crosscheck", "./cmd"],
    start: { command: at("go/crosscheck"), args: [] },
  },
  python: {
    language: "Python",
    needs: "Python 3.11 or newer (python3)",
    probes: [["python3", "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]],
    build: null,
    start: { command: "python3", args: [at("python/reader.py")] },
  },
};

/** What is missing on this machine for these readers, in words; empty when nothing is. @param {readonly string[]} names */
export function missingToolchains(names) {
  return names.flatMap((name) => {
    const { language, needs, probes } = readerNamed(name);
    const there = probes.every(
      ([command, ...args]) => spawnSync(command, args, { stdio: "ignore" }).status === 0,
    );
    return there ? [] : [`the reader in ${language} needs ${needs}`];
  });
}

/** Builds a reader; its output is shown when that fails. @param {string} name */
export async function build(name) {
  const { language, build: command } = readerNamed(name);
  if (command === null) return true;
  const [program, ...args] = command;
  return (
    (await step(`build the reader in ${language}`, () => run(program, args, { quiet: true }))) === 0
  );
}

/** @param {string} name */
export function readerNamed(name) {
  const reader = READERS[name];
  if (reader === undefined)
    throw new Error(`no reader ${name}: ${Object.keys(READERS).join(", ")}`);
  return reader;
}
