import type { Handle, Member, Model } from "../model.ts";

/** How busy a member was when it began something. */
export interface Flight {
  readonly handle: Handle;
  /** Its other handlers that were running, without those it says it abandoned. */
  readonly running: ReadonlySet<Handle>;
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
  const byEnd = handles.toSorted((a, b) => ascending(endOf(a), endOf(b)));
  const running = new Set<Handle>();
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
    for (; endOf(byEnd[ended]!) < handle.index; ended += 1) running.delete(byEnd[ended]!);
    yield { handle, running, fullUntil };
    running.add(handle);
  }
}

/** Index from which on it took no slot. */
function endOf({ finish, dropped }: Handle): number {
  return Math.min(finish?.index ?? Infinity, dropped);
}

function ascending(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
