import { ConfigurationError } from "@sluice/core";
import type { Connection, RequestQueue } from "./internals.ts";
import { ConnectionClass, kafkajsVersion, RequestQueueClass } from "./internals.ts";

/** The only version these patches, and everything in `internals.ts`, were written for. */
export const PINNED_VERSION = "2.2.4";

const SIZE_PREFIX_BYTES = 4;
const OVERLOADED_CHECK_MS = 10;
const APPLIED = Symbol.for("@sluice/adapter-kafkajs: patches applied");
const connecting = new WeakMap<Connection, Promise<unknown>>();

/**
 * Mends defects of kafkajs' network code, once, in the prototypes: every kafkajs client of this process that
 * shares the copy gets them.
 * @throws ConfigurationError when the installed kafkajs is not {@link PINNED_VERSION}
 */
export function applyPatches(version: string = kafkajsVersion): void {
  if (version !== PINNED_VERSION) {
    throw new ConfigurationError(
      "kafkajs",
      `version ${version} is installed, and this adapter works with ${PINNED_VERSION} alone`,
      `Install kafkajs@${PINNED_VERSION}.`,
    );
  }
  const connection = ConnectionClass.prototype as Connection & { [APPLIED]?: true };
  if (connection[APPLIED] === true) return;
  connection[APPLIED] = true;
  patchConnect(connection);
  patchDisconnect(connection);
  patchPendingCheck(RequestQueueClass.prototype);
}

/**
 * T16. A Connection keeps its read buffer over a reconnect: after a reset in the middle of a
 * response the new stream is parsed from the old half frame, and nothing is ever answered again.
 *
 * Two requests that find the connection down would each open a socket; the loser stays open, and
 * when the broker closes it for idleness its `end` rejects the requests of the other.
 */
function patchConnect(prototype: Connection): void {
  const connect = prototype.connect;
  prototype.connect = function (this: Connection): Promise<unknown> {
    if (this.isConnected()) return Promise.resolve(true);
    const underWay = connecting.get(this);
    if (underWay !== undefined) return underWay;
    this.chunks = [];
    this.bytesBuffered = 0;
    this.bytesNeeded = SIZE_PREFIX_BYTES;
    // A TLS peer that closes during the handshake settles nothing in kafkajs; a shared promise
    // must not wait for ever.
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`no connection to ${this.broker}`)),
        this.connectionTimeout + 1000,
      );
    });
    const attempt = Promise.race([connect.call(this), limit]).finally(() => {
      clearTimeout(timer);
      connecting.delete(this);
    });
    connecting.set(this, attempt);
    return attempt;
  };
}

/**
 * Each disconnect of a connection that is down already leaves one more listener on its dead socket:
 * a leak, and a warning on stderr, for as long as a broker is away.
 */
function patchDisconnect(prototype: Connection): void {
  const disconnect = prototype.disconnect;
  prototype.disconnect = function (this: Connection): Promise<unknown> {
    if (this.socket?.destroyed === true) this.socket = undefined;
    return disconnect.call(this);
  };
}

/**
 * T19. With nothing pending the original arms a timer of a negative delay, which fires at once and
 * arms the next: an idle connection takes a thousand timers a second. A request that comes to wait
 * arms the timer itself, so nothing is lost by not arming it here.
 */
function patchPendingCheck(prototype: RequestQueue): void {
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return;
    const throttledFor = this.throttledUntil - Date.now();
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null;
        this.checkPendingRequests();
      },
      throttledFor > 0 ? throttledFor : OVERLOADED_CHECK_MS,
    );
  };
}
