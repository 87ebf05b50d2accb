// @ts-check
// The subjects in other languages: what each needs, how it is built and started, and which cases it is given.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { root, run, step } from "../run/process.mjs";

const TEMPLATES = join(root, "packages/conformance/templates");
const DESIGNS = join(root, "packages/conformance/designs");
const PYTHON = join(TEMPLATES, "venv/bin/python");
const REQUIREMENTS = join(TEMPLATES, "python/requirements.txt");
const GO = join(TEMPLATES, "go");
const JAVA = join(TEMPLATES, "java");

/** What a consumer that handles one record at a time can show in a few seconds each. */
const PLAIN = [
  "core/in-order",
  "core/start-latest",
  "group/commit-unassigned",
  "group/partition-expansion",
];
/** And one that handles partitions side by side. */
const SIDE_BY_SIDE = [...PLAIN, "core/null-empty-tombstone", "group/revoke-late-finish"];

/**
 * @typedef {object} Foreign
 * @property {string} what
 * @property {string} toolchain see below
 * @property {readonly [command: string, ...args: string[]]} start
 * @property {readonly string[]} cases
 * @property {{ readonly case: string, readonly list: string, readonly invariant: string }} [fails] what
 *   it is known for: this case must fail by this invariant
 */

/** @type {Readonly<Record<string, Foreign>>} */
export const SUBJECTS = {
  python: {
    what: "the template in Python",
    toolchain: "python",
    start: [PYTHON, join(TEMPLATES, "python/subject.py")],
    cases: SIDE_BY_SIDE,
  },
  go: {
    what: "the template in Go",
    toolchain: "go",
    start: [join(GO, "subject")],
    cases: PLAIN,
  },
  java: {
    what: "the template in Java",
    toolchain: "java",
    start: [
      "java",
      ...["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"],
      ...["-cp", [join(JAVA, "classes"), join(JAVA, "libs/*")].join(delimiter), "Subject"],
    ],
    cases: SIDE_BY_SIDE,
  },
  "auto-commit": {
    what: "a naive consumer in Python, with auto-commit",
    toolchain: "python",
    start: [PYTHON, join(DESIGNS, "auto-commit/subject.py")],
    cases: ["core/slow-handler"],
    fails: {
      case: "core/slow-handler",
      list: join(DESIGNS, "auto-commit/known-failing.txt"),
      invariant: "P1",
    },
  },
};

/**
 * @typedef {object} Toolchain
 * @property {string} needs in words
 * @property {readonly (readonly [command: string, ...args: string[]])[]} probes each ends with 0 where it is there
 * @property {() => Promise<number>} build resolves with an exit code
 */

/** @type {Readonly<Record<string, Toolchain>>} */
const TOOLCHAINS = {
  python: {
    needs: "Python 3.11 or newer with venv (python3; on Debian python3-venv too)",
    probes: [["python3", "-c", "import sys, ensurepip; sys.exit(sys.version_info < (3, 11))"]],
    build: async () => {
      const venv = join(TEMPLATES, "venv");
      const made = existsSync(PYTHON)
        ? 0
        : await run("python3", ["-m", "venv", venv], { quiet: true });
      const pip = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", REQUIREMENTS];
      return made || (await run(PYTHON, pip, { quiet: true }));
    },
  },
  go: {
    needs: "Go 1.21 or newer (go), which fetches the one that go.mod names",
    probes: [["go", "version"]],
    build: () => run("go", ["build", "-C", GO, "-o", "subject", "."], { quiet: true }),
  },
  java: {
    needs: "a JDK 17 or newer (javac, java) and Maven (mvn)",
    probes: [
      ["javac", "-version"],
      ["mvn", "-v"],
    ],
    build: async () => {
      const pom = ["-q", "-B", "-f", join(JAVA, "pom.xml"), "dependency:copy-dependencies"];
      const javac = ["-cp", join(JAVA, "libs/*"), "-d", join(JAVA, "classes")];
      return (
        (await run("mvn", pom, { quiet: true })) ||
        (await run("javac", [...javac, join(JAVA, "Subject.java")], { quiet: true }))
      );
    },
  },
};

/**
 * What is not on this machine for the subjects of a toolchain, in words, or null.
 *
 * @param {string} name
 */
export function lacks(name) {
  const { needs, probes } = toolchainNamed(name);
  const there = probes.every(
    ([command, ...args]) => spawnSync(command, args, { stdio: "ignore" }).status === 0,
  );
  return there ? null : `the subjects in ${name} need ${needs}`;
}

/**
 * Makes the subjects of a toolchain ready to start. The answer is why they are not, or null.
 *
 * @param {string} name
 */
export async function ready(name) {
  const lacking = lacks(name);
  if (lacking !== null) return lacking;
  const code = await step(`build what is in ${name}`, toolchainNamed(name).build);
  return code === 0 ? null : `what is in ${name} cannot be built: see above`;
}

/** @param {string} name */
function toolchainNamed(name) {
  const toolchain = TOOLCHAINS[name];
  if (toolchain === undefined) throw new Error(`no toolchain ${name}`);
  return toolchain;
}
