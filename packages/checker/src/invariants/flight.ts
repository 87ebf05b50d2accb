import type { Handle, Member, Model } from "../model.ts";

/** How busy a member was when it began something. */
export interface Flight {
  readonly handle: Handle;
  /** Its other handlers that were running, without those it says it abandoned. */
  readonly running: number;
  /** Time at which it last had no slot free, abandoned handlers counted; -Infinity if never. */
  readonly fullUntil: number;
}

/**
 * A begin is read after the handler started and a finish is stamped before the handler learns of it,
 * so what the ledger counts as running is never more than what was.
 */
export function* flights(model: Model): Generator<Flight> {
  const byMember = new Map<Member, Handle[]>();
  for (const handle of model.handles) {
    const handles = byMember.get(handle.member);
    if (handles) handles.push(handle);
    else byMember.set(handle.member, [handle]);
  }
  for (const handles of byMember.values()) yield* flightsOf(model, handles);
}

function* flightsOf(model: Model, handles: readonly Handle[]): Generator<Flight> {
  const finishes = handles.map(({ finish }) => finish?.index ?? Infinity).sort(ascending);
  const ends = handles
    .map(({ finish, dropped }) => Math.min(finish?.index ?? Infinity, dropped))
    .sort(ascending);
  let finished = 0;
  let ended = 0;
  let fullUntil = -Infinity;
  for (const [begun, handle] of handles.entries()) {
    while (finishes[finished]! < handle.index) {
      if (begun - finished >= model.case.concurrency) {
        fullUntil = model.timeOf(finishes[finished]!);
      }
      finished += 1;
    }
    while (ends[ended]! < handle.index) ended += 1;
    yield { handle, running: begun - ended, fullUntil };
  }
}

function ascending(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
