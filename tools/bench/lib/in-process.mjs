// @ts-check
// Measures the variants of an area, each in a process of its own, in turn, round by round.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { median, series } from "./figures.mjs";
import { judged } from "./goals.mjs";

const HOST = fileURLToPath(new URL("host.mjs", import.meta.url));
/** At least two: the first compiles, the second is what the first has learned. */
const WARM_UP = 2;

/**
 * @typedef {{ ns: number, wallNs: number, gcShare: number }} Sample
 * @param {{ area: string, title: string, unit: string, module: string, variants: readonly import("./area.ts").Variant[],
 *   notes?: readonly string[] }} of
 * @param {import("./area.ts").Settings} settings
 * @returns {Promise<import("./area.ts").Table>}
 */
export async function measure({ area, title, unit, module, variants, notes }, { quick, log }) {
  const rounds = quick ? 3 : 11;
  const hosts = new Map();
  try {
    for (const { name } of variants) {
      log(`${area}: ${name}`);
      const host = new Host(module, name);
      hosts.set(name, host);
      for (let pass = 0; pass < WARM_UP; pass++) await host.pass();
    }
    /** @type {Map<string, Sample[]>} */
    const samples = new Map(variants.map(({ name }) => [name, []]));
    for (let round = 1; round <= rounds; round++) {
      log(`${area}: round ${round} of ${rounds}`);
      for (const [name, host] of hosts) samples.get(name)?.push(await host.pass());
    }
    const rows = variants.map((variant) => rowOf(variant, samples));
    return { area, title, unit, better: "lower", rows, ...(notes && { notes }) };
  } finally {
    for (const host of hosts.values()) host.end();
  }
}

/**
 * @param {import("./area.ts").Variant} variant
 * @param {ReadonlyMap<string, readonly Sample[]>} samples
 * @returns {import("./area.ts").Row}
 */
function rowOf({ name, base, goals }, samples) {
  const own = samples.get(name) ?? [];
  const value = series(own.map(({ ns }) => ns));
  const gcShare = median(own.map((each) => each.gcShare));
  const against = base === undefined ? undefined : samples.get(base);
  const ratio =
    against && series(own.map(({ ns }, round) => ns / (against[round]?.ns ?? Number.NaN)));
  return {
    name,
    value,
    gcShare,
    ...(base !== undefined && ratio && { base, ratio }),
    ...(goals && { goals: judged(goals, { value, ratio, gcShare }) }),
  };
}

/** One process with one variant. */
class Host {
  /** @param {string} module @param {string} name */
  constructor(module, name) {
    this.name = name;
    this.child = fork(HOST, [module, name], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.ready = this.answer();
    this.ready.catch(() => {});
  }

  /** @returns {Promise<Sample>} */
  async pass() {
    await this.ready;
    const answer = this.answer();
    this.child.send({ pass: true });
    return answer;
  }

  /** @returns {Promise<any>} */
  answer() {
    return new Promise((resolve, reject) => {
      const exited = (/** @type {number | null} */ code) =>
        reject(new Error(`${this.name}: its process ended with ${code}`));
      this.child.once("exit", exited);
      this.child.once("message", (/** @type {any} */ message) => {
        this.child.off("exit", exited);
        if (message.error === undefined) resolve(message);
        else reject(new Error(`${this.name}: ${message.error}`));
      });
    });
  }

  end() {
    this.child.removeAllListeners();
    this.child.on("error", () => {});
    this.child.kill();
  }
}
