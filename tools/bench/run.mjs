// @ts-check
// `pnpm bench`: Sluice against what else there is, as ratios within one run.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureAddon } from "../addon/ensure.mjs";
import { command, say } from "../run/command.mjs";
import { prepare } from "../run/prepare.mjs";
import { measure } from "./lib/in-process.mjs";
import { load, machine } from "./lib/machine.mjs";
import { EXIT, HELP, ON_KAFKA, parsed } from "./lib/options.mjs";
import { resultText, tableText } from "./lib/print.mjs";

process.exitCode = await command({ help: HELP, options: parsed, run: main });

/** @param {ReturnType<typeof parsed>} options */
async function main(options) {
  await prepare({ addon: false });
  const { areas, quick, json, out } = options;
  const settings = { quick, log: progress };
  const result = {
    date: new Date().toISOString(),
    command: ["pnpm bench", ...process.argv.slice(2)].join(" "),
    machine: machine(),
    load: { before: load(), after: 0 },
    /** @type {import("./lib/area.ts").Table[]} */
    tables: [],
    /** @type {{ area: string, reason: string }[]} */
    skipped: [],
    /** @type {{ area: string, error: string }[]} */
    broken: [],
  };
  /** @param {readonly import("./lib/area.ts").Table[]} tables */
  const add = (tables) => {
    result.tables.push(...tables);
    clear();
    if (!json) for (const table of tables) process.stdout.write(`${tableText(table)}\n`);
  };
  /** @param {string} area @param {() => Promise<readonly import("./lib/area.ts").Table[]>} work */
  const attempt = async (area, work) => {
    try {
      add(await work());
    } catch (error) {
      result.broken.push({ area, error: messageOf(error) });
      clear();
      say(`✗ ${area}: ${messageOf(error)}`);
    }
  };

  for (const area of areas.filter((area) => !ON_KAFKA.includes(area))) {
    const module = new URL(`areas/${area}.mjs`, import.meta.url).href;
    await attempt(area, async () => {
      const { title, variants, notes } = await import(module);
      const unit = "ns";
      return [await measure({ area, title, unit, module, variants, notes }, settings)];
    });
  }
  const onKafka = areas.filter((area) => ON_KAFKA.includes(area));
  if (onKafka.length > 0) {
    const setting = await startKafka(onKafka, result.skipped);
    try {
      for (const area of setting === null ? [] : onKafka) {
        const { tables } = await import(new URL(`areas/${area}.mjs`, import.meta.url).href);
        await attempt(area, () => tables(setting, settings));
      }
    } finally {
      await setting?.close();
    }
  }

  clear();
  result.load.after = load();
  const text = resultText(result);
  if (json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  else process.stdout.write(`\n${text}\n`);
  if (out !== undefined) {
    await mkdir(out, { recursive: true });
    await writeFile(join(out, "bench.json"), `${JSON.stringify(result, null, 2)}\n`);
    const tables = result.tables.map(tableText).join("\n");
    await writeFile(join(out, "bench.txt"), `${text}\n${tables}\n`);
  }
  if (result.broken.length > 0) return EXIT.broken;
  return result.tables.length === 0 ? EXIT.nothing : EXIT.ok;
}

/**
 * A Kafka for the areas, with what can run on it; null when none can be started here.
 * @param {readonly string[]} areas @param {{ area: string, reason: string }[]} skipped
 */
async function startKafka(areas, skipped) {
  const { Setting } = await import("./kafka/setting.mjs");
  const { buildParallelConsumer } = await import("./kafka/parallel-consumer.mjs");
  const addon = await ensureAddon({ log: progress });
  const rdkafka = addon.status === "ready" ? null : addon.reason;
  progress("building the harness of Parallel Consumer");
  const parallelConsumer = await buildParallelConsumer();
  try {
    return await Setting.start({ without: { rdkafka, parallelConsumer }, log: progress });
  } catch (error) {
    if (!(error instanceof Error) || !("remedy" in error)) throw error;
    const reason = `${error.message} ${error.remedy}`;
    for (const area of areas) skipped.push({ area, reason });
    clear();
    say(`! skipped ${areas.join(", ")}: ${reason}`);
    return null;
  }
}

/** One line that is written over, on a terminal; nothing elsewhere but what takes long. @param {string} line */
function progress(line) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${line.slice(0, 110)}`);
}

function clear() {
  if (process.stderr.isTTY) process.stderr.write("\r\u001B[K");
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
