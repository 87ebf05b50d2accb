// @ts-check
// A process with one variant in it: `node host.mjs <module> <variant>`, told to do a pass by message.
// Variants that share a process share what V8 has learned of their callers: one kind of handler too many
// at a call site costs a fifth, and the order of the variants would decide who pays.
import { PerformanceObserver } from "node:perf_hooks";

const [, , module = "", name] = process.argv;
let gcMs = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) gcMs += entry.duration;
}).observe({ entryTypes: ["gc"] });

/** @type {{ variants: readonly import("./area.ts").Variant[] }} */
const { variants } = await import(module);
const variant = variants.find((each) => each.name === name);
if (variant === undefined) throw new Error(`no variant ${name} in ${module}`);
const pass = variant.make();

process.on("message", () => void answer());
process.on("disconnect", () => process.exit());
process.send?.({ ready: true });

/** What counts is CPU time, other threads of this process (garbage collection, compiling) included. */
async function answer() {
  gcMs = 0;
  const before = process.cpuUsage();
  const began = performance.now();
  try {
    const operations = await pass();
    const { user, system } = process.cpuUsage(before);
    const wallMs = performance.now() - began;
    // The observer reports some turns later.
    await new Promise((resolve) => setTimeout(resolve, 10));
    const cpuMs = (user + system) / 1e3;
    process.send?.({
      ns: (cpuMs * 1e6) / operations,
      wallNs: (wallMs * 1e6) / operations,
      gcShare: gcMs / wallMs,
    });
  } catch (error) {
    process.send?.({
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
  }
}
