// @ts-check
import { PerformanceObserver, performance } from "node:perf_hooks";

/**
 * What a process reports of the time between the end of its warm-up and the last record.
 * @typedef {object} Report
 * @property {number} records handled within that time
 * @property {number} seconds
 * @property {number} perSecond
 * @property {number} busy share of the time in which the event loop had something to do
 * @property {number} cpuMicros CPU time for a record, all threads
 * @property {number} gcShare of the time in which the event loop worked
 * @property {number} rssMiB highest seen
 * @property {number} [maxHeld] records held at once, highest seen
 */

/** Counts handled records. The clock runs from the end of the warm-up to the last record, or the limit. */
export class Meter {
  handled = 0;
  #gcMs = 0;
  #rss = 0;
  /** @type {{ at: number, cpu: NodeJS.CpuUsage, loop: import("node:perf_hooks").EventLoopUtilization } | null} */
  #start = null;
  /** @type {(report: Report) => void} */
  #done = () => {};

  /** @param {{ records: number, warmUp: number, limitMs: number }} of */
  constructor({ records, warmUp, limitMs }) {
    this.total = records;
    this.warmUp = warmUp;
    this.limitMs = limitMs;
    /** @type {Promise<Report>} */
    this.done = new Promise((resolve) => (this.#done = resolve));
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) this.#gcMs += entry.duration;
    }).observe({ entryTypes: ["gc"] });
  }

  /** One more record is done. */
  tick() {
    const handled = ++this.handled;
    if (handled === this.warmUp) this.#begin();
    else if (handled === this.total) this.#end();
  }

  #begin() {
    this.#gcMs = 0;
    this.#start = {
      at: performance.now(),
      cpu: process.cpuUsage(),
      loop: performance.eventLoopUtilization(),
    };
    this.#rss = process.memoryUsage.rss();
    setInterval(() => (this.#rss = Math.max(this.#rss, process.memoryUsage.rss())), 50).unref();
    setTimeout(() => this.#end(), this.limitMs).unref();
  }

  #end() {
    if (this.#start === null) return;
    const { at, cpu, loop } = this.#start;
    this.#start = null;
    const seconds = (performance.now() - at) / 1e3;
    const { user, system } = process.cpuUsage(cpu);
    const records = this.handled - this.warmUp;
    const busy = performance.eventLoopUtilization(loop).utilization;
    this.#done({
      records,
      seconds,
      perSecond: records / seconds,
      busy,
      cpuMicros: (user + system) / records,
      gcShare: this.#gcMs / 1e3 / (seconds * busy),
      rssMiB: Math.max(this.#rss, process.memoryUsage.rss()) / 2 ** 20,
    });
  }
}
