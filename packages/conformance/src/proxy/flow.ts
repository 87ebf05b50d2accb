import type { Socket } from "node:net";
import type { ActiveRule } from "./active-rule.ts";
import { writeSliced, writeThrottled, type SlowWrite } from "./slow-write.ts";
import type { WireFrame } from "./wire-frame.ts";

/** Bytes on their way, a frame or something opaque, and the rule that took it. */
export interface Parcel {
  readonly bytes: Buffer;
  readonly frame: WireFrame | null;
  readonly rule: ActiveRule | null;
  /** Not before this, of the monotonic clock (a delay); Infinity while it is held. */
  readonly notBefore: number;
}

export interface FlowHost {
  /** RST to both sides. */
  reset(): void;
  passed(parcel: Parcel): void;
  discarded(parcel: Parcel): void;
  /** Everything that came before the end of the source has been written. */
  drained(): void;
}

/**
 * One direction of a connection: a queue in the order of the wire. Whatever its head waits for, all
 * behind it wait too, as on TCP. While it waits or the destination is full, little more is read.
 */
export class Flow {
  readonly #source: Socket;
  readonly #destination: Socket;
  readonly #host: FlowHost;
  #queue: Parcel[] = [];
  #queuedBytes = 0;
  /** The head is being written slowly, cut or reset. */
  #busy = false;
  #full = false;
  #closed = false;
  #sunk = false;
  #sourceEnded = false;
  /** Not yet written to its end. */
  #slow: { readonly parcel: Parcel; readonly write: SlowWrite } | null = null;
  #wroteAt = -Infinity;
  #timer: NodeJS.Timeout | null = null;
  #underWay: () => number = () => 0;

  constructor(source: Socket, destination: Socket, host: FlowHost) {
    this.#source = source;
    this.#destination = destination;
    this.#host = host;
  }

  /** Bytes of a frame that is not whole yet count too while the flow stands still. */
  countUnderWay(bytes: () => number): void {
    this.#underWay = bytes;
  }

  push(parcel: Parcel): void {
    if (this.#closed || this.#sunk) {
      this.#host.discarded(parcel);
      return;
    }
    this.#queue.push(parcel);
    this.#queuedBytes += parcel.bytes.length;
    this.pump();
  }

  /** Writes what may go. */
  pump(): void {
    if (this.#slow?.parcel.rule?.removed === true) this.#slow.write.hurry();
    while (!this.#closed && !this.#busy && !this.#full) {
      const head = this.#queue[0];
      if (head === undefined) break;
      if (waits(head) && !this.#due(head)) break;
      this.#actOn(this.#shift());
    }
    if (this.#closed) return;
    this.#throttle();
    if (this.#sourceEnded && this.#queue.length === 0 && !this.#busy) {
      this.#sourceEnded = false;
      this.#host.drained();
    }
  }

  /** The source said that it sends no more. */
  endOfSource(): void {
    this.#sourceEnded = true;
    this.pump();
  }

  /** The destination is gone: what comes is discarded from now on, and the source still read. */
  sink(): void {
    this.#sunk = true;
    this.#stopSlow();
    this.discard();
    this.#full = false;
    this.pump();
  }

  get empty(): boolean {
    return this.#queue.length === 0 && !this.#busy;
  }

  /** Whether the head waits for its rule. */
  get held(): boolean {
    const head = this.#queue[0];
    return head !== undefined && waits(head);
  }

  /** Whether what is held is to go on although its sender is gone. */
  get lingers(): boolean {
    return this.#queue.some((parcel) => waits(parcel) && parcel.rule?.rule.linger === true);
  }

  /** Throws away all that has not begun to be written. */
  discard(): void {
    const queue = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    for (const parcel of queue) this.#host.discarded(parcel);
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#stopSlow();
    this.discard();
  }

  #actOn(parcel: Parcel): void {
    const { rule, bytes } = parcel;
    const act = rule === null || rule.removed ? null : rule.rule.act;
    if (act?.type === "reset") this.#breakAt(parcel, 0);
    else if (act?.type === "cut") this.#breakAt(parcel, act.bytes);
    else if (act?.type === "slice") {
      this.#slowly(parcel, (done) => writeSliced(this.#destination, bytes, act.bytes, done));
    } else if (act?.type === "throttle") {
      const { bytesPerSecond } = act;
      this.#slowly(parcel, (done) =>
        writeThrottled(this.#destination, bytes, bytesPerSecond, done),
      );
    } else this.#pass(parcel);
  }

  #pass(parcel: Parcel): void {
    this.#write(parcel.bytes);
    this.#host.passed(parcel);
  }

  #write(bytes: Buffer): void {
    this.#wroteAt = performance.now();
    if (this.#destination.write(bytes) || this.#full) return;
    this.#full = true;
    this.#destination.once("drain", () => {
      this.#full = false;
      this.pump();
    });
  }

  #shift(): Parcel {
    const parcel = this.#queue.shift() as Parcel;
    this.#queuedBytes -= parcel.bytes.length;
    return parcel;
  }

  /** A held frame is never due: its rule goes first. */
  #due(parcel: Parcel): boolean {
    const wait = parcel.notBefore - performance.now();
    if (wait <= 0) return true;
    if (wait < Infinity) this.#arm(() => this.pump(), Math.ceil(wait));
    return false;
  }

  #slowly(parcel: Parcel, start: (done: () => void) => SlowWrite): void {
    this.#busy = true;
    const write = start(() => {
      this.#slow = null;
      this.#busy = false;
      this.#wroteAt = performance.now();
      parcel.rule?.didAct();
      this.#host.passed(parcel);
      this.pump();
    });
    this.#slow = { parcel, write };
  }

  #stopSlow(): void {
    if (this.#slow === null) return;
    const { parcel, write } = this.#slow;
    this.#slow = null;
    this.#busy = false;
    write.stop();
    this.#host.discarded(parcel);
  }

  /**
   * Writes the first bytes of a frame, lets everything written leave, then resets both sides. The
   * frame counts as discarded: nobody got it whole.
   */
  #breakAt(parcel: Parcel, bytes: number): void {
    this.#busy = true;
    const part = parcel.bytes.subarray(0, bytes);
    const reset = (): void => {
      if (!this.#closed) {
        this.#host.reset();
        parcel.rule?.didAct();
      }
    };
    this.#host.discarded(parcel);
    if (part.length === 0 && performance.now() - this.#wroteAt > LEAVE_MS) {
      reset();
      return;
    }
    // An RST voids what the kernel has not sent yet. The kernel says when it took the bytes, not when
    // the peer has read them, hence the wait on top: a peer on libuv that finds bytes and RST
    // together sees a close in good order. A peer that does not read gets no more.
    this.#arm(reset, FLUSH_MS);
    this.#destination.write(part, () => {
      if (!this.#closed) this.#arm(reset, LEAVE_MS);
    });
  }

  #arm(run: () => void, ms: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(run, ms);
  }

  #throttle(): void {
    const stands = this.#full || this.#busy || this.#queue.length > 0;
    const pending = this.#queuedBytes + (stands ? this.#underWay() : 0);
    if (this.#full || pending > READ_AHEAD_BYTES) this.#source.pause();
    else if (this.#source.isPaused()) this.#source.resume();
  }
}

/**
 * A flow that stands still goes on reading this much: a source that is not read does not tell that
 * it has closed, and a held frame whose sender is gone must not be let go by mistake.
 */
const READ_AHEAD_BYTES = 1024 * 1024;
const LEAVE_MS = 20;
const FLUSH_MS = 1_000;

function waits(parcel: Parcel): boolean {
  if (parcel.rule === null || parcel.rule.removed) return false;
  const { type } = parcel.rule.rule.act;
  return type === "hold" || type === "delay";
}
