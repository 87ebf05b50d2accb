import {
  CLOUD_EVENT_PREFIX,
  HEADER,
  HEADER_PREFIX,
  LIMIT,
  NEVER_DROPPED_HEADERS,
  TRUNCATED_PARTS,
} from "@sluice/spec";
import type { TruncatedPart } from "@sluice/spec";
import type { Header } from "../port/record.ts";
import { headerSize, textHeader } from "./header-values.ts";
import { decodeUtf8, encodeBounded } from "./utf8.ts";

/** A move before it is written. */
export interface Draft {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** Headers of the record. */
  readonly kept: readonly Header[];
  /** Headers of the mover, each name once. */
  readonly written: readonly Header[];
}

interface Room {
  /** Budget for key, value and the names and values of headers. */
  readonly maxBytes: number;
  /** Parts that earlier moves have dropped. */
  readonly dropped: readonly string[];
  readonly mayDropValue: boolean;
}

/** The draft with as many parts dropped as it takes to fit (SLC-DLQ-016); null when it does not. */
export function fit(draft: Draft, room: Room): Draft | null {
  const fitting = new Fitting(draft, room);
  for (const part of TRUNCATED_PARTS) {
    if (fitting.fits) break;
    fitting.drop(part);
  }
  return fitting.fits ? fitting.result : null;
}

class Fitting {
  readonly #key: Uint8Array | null;
  #value: Uint8Array | null;
  #kept: readonly Header[];
  #written: readonly Header[];
  readonly #room: Room;
  readonly #dropped = new Set<TruncatedPart>();
  /** Lists what this and earlier moves have dropped; null while this one has dropped nothing. */
  #truncated: Header | null = null;
  /** Of everything but `#truncated`. */
  #bytes: number;

  constructor({ key, value, kept, written }: Draft, room: Room) {
    this.#key = key;
    this.#value = value;
    this.#kept = kept;
    this.#written = written;
    this.#room = room;
    this.#bytes = (key?.length ?? 0) + (value?.length ?? 0) + sizeOf(kept) + sizeOf(written);
  }

  get fits(): boolean {
    const listed = this.#truncated === null ? 0 : headerSize(this.#truncated);
    return this.#bytes + listed <= this.#room.maxBytes;
  }

  get result(): Draft {
    const draft = { key: this.#key, value: this.#value, kept: this.#kept, written: this.#written };
    if (this.#truncated === null) return draft;
    return {
      ...draft,
      kept: draft.kept.filter((header) => !isTruncated(header)),
      written: [...draft.written, this.#truncated],
    };
  }

  /** Does nothing when the part is not there. */
  drop(part: TruncatedPart): void {
    switch (part) {
      case "stack":
        return this.#dropWritten(part, HEADER.errorStack);
      case "history":
        return this.#dropWritten(part, HEADER.history);
      case "message":
        return this.#shortenMessage();
      case "headers":
        return this.#dropLargeHeaders();
      case "value":
        return this.#dropValue();
    }
  }

  #dropWritten(part: TruncatedPart, name: string): void {
    const header = this.#written.find(([each]) => each === name);
    if (header === undefined) return;
    this.#written = this.#written.filter((each) => each !== header);
    this.#note(part, headerSize(header));
  }

  #shortenMessage(): void {
    // Every move writes one, an empty one if need be.
    const long = this.#written.find(([name]) => name === HEADER.errorMessage)!;
    const text = long[1]!;
    if (text.length <= LIMIT.shortMessageBytes) return;
    const short: Header = [long[0], encodeBounded(decodeUtf8(text), LIMIT.shortMessageBytes)];
    this.#written = this.#written.map((header) => (header === long ? short : header));
    this.#note("message", headerSize(long) - headerSize(short));
  }

  /** One by one in the order of the record, until it fits. */
  #dropLargeHeaders(): void {
    this.#kept = this.#kept.filter((header) => {
      if (this.fits || !isDroppable(header)) return true;
      this.#note("headers", headerSize(header));
      return false;
    });
  }

  #dropValue(): void {
    if (this.#value === null || !this.#room.mayDropValue) return;
    const { length } = this.#value;
    this.#value = null;
    this.#note("value", length);
  }

  #note(part: TruncatedPart, bytes: number): void {
    this.#bytes -= bytes;
    if (this.#dropped.has(part)) return;
    // The new list takes the place of an earlier one.
    if (this.#dropped.size === 0) this.#bytes -= sizeOf(this.#kept.filter(isTruncated));
    this.#dropped.add(part);
    this.#truncated = textHeader(HEADER.truncated, this.#list().join(","));
  }

  /** SLC-DLQ-017: known parts in their order, then those of a later version in theirs. */
  #list(): readonly string[] {
    const parts = new Set([...this.#room.dropped, ...this.#dropped]);
    const known: readonly string[] = TRUNCATED_PARTS;
    return [
      ...known.filter((part) => parts.has(part)),
      ...[...parts].filter((part) => !known.includes(part)),
    ];
  }
}

/** Foreign, large, and nothing that identifies the message or its trace. */
function isDroppable(header: Header): boolean {
  const [name] = header;
  if (name.startsWith(HEADER_PREFIX) || name.startsWith(CLOUD_EVENT_PREFIX)) return false;
  return !NEVER_DROPPED_HEADERS.includes(name) && headerSize(header) > LIMIT.smallHeaderBytes;
}

function isTruncated([name]: Header): boolean {
  return name === HEADER.truncated;
}

function sizeOf(headers: readonly Header[]): number {
  return headers.reduce((bytes, header) => bytes + headerSize(header), 0);
}
