import type { Socket } from "node:net";

/** A frame that is written bit by bit. */
export interface SlowWrite {
  /** The rest at once. */
  hurry(): void;
  /** No more of it is written, nobody is told. */
  stop(): void;
}

type Done = () => void;

/** Writes of so many bytes, in bursts with a pause between, so that the reader really gets them apart. */
export function writeSliced(
  destination: Socket,
  bytes: Buffer,
  size: number,
  done: Done,
): SlowWrite {
  return write(destination, bytes, done, (at, put) => {
    for (let i = 0; i < SLICES_PER_BURST && at < bytes.length; i += 1) at = put(at + size);
    return 1;
  });
}

/** As much as the rate allows, the first byte not before its time. */
export function writeThrottled(
  destination: Socket,
  bytes: Buffer,
  bytesPerSecond: number,
  done: Done,
): SlowWrite {
  const started = performance.now();
  return write(destination, bytes, done, (at, put) => {
    const due = Math.floor(((performance.now() - started) * bytesPerSecond) / 1_000);
    if (due > at) put(due);
    return Math.max(TICK_MS, 1_000 / bytesPerSecond);
  });
}

/** Writes up to `until` (exclusive), answers where the next write begins. */
type Put = (until: number) => number;

/** `burst` writes what may go now and says in how many milliseconds to ask again. */
function write(
  destination: Socket,
  bytes: Buffer,
  done: Done,
  burst: (at: number, put: Put) => number,
): SlowWrite {
  let at = 0;
  let over = false;
  let timer: NodeJS.Timeout | null = null;
  const put: Put = (until) => {
    destination.write(bytes.subarray(at, until));
    return (at = Math.min(until, bytes.length));
  };
  const goOn = (): void => {
    if (over) return;
    const pause = burst(at, put);
    if (at >= bytes.length) {
      over = true;
      done();
    } else if (destination.writableNeedDrain) destination.once("drain", goOn);
    else timer = setTimeout(goOn, pause);
  };
  // Not before the caller has it in its hands.
  timer = setTimeout(goOn, 0);
  return {
    hurry: () => {
      if (over) return;
      if (timer !== null) clearTimeout(timer);
      over = true;
      put(bytes.length);
      done();
    },
    stop: () => {
      over = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}

const SLICES_PER_BURST = 50;
const TICK_MS = 10;
