import type { AcceptedCommit, Handle, Member, Model, RecordModel } from "../model.ts";

/**
 * Indices of the events that show something: what a violation lists has to suffice, judged alone, for the
 * same violation. Whoever reads it needs nothing else of the history. `Infinity` and -1, what never
 * happened, are left out by {@link Findings.violation}.
 */

/** That the record exists. */
export function existing({ visible, produced }: RecordModel): number {
  return visible?.index ?? produced?.index ?? -1;
}

export function attempt({ index, finish }: Handle): readonly number[] {
  return [index, finish?.index ?? Infinity];
}

/** How the record settled, and how its last attempt went. */
export function course(record: RecordModel): readonly number[] {
  const last = record.handles.at(-1);
  return [...(last ? attempt(last) : []), ...settlement(record)];
}

export function settlement({ settled, settledBy }: RecordModel): readonly number[] {
  return [settledBy?.index ?? -1, settled];
}

export function accepted({ index, known }: AcceptedCommit): readonly number[] {
  return [index, known];
}

/** That nothing more came, and that the member could not have brought it. */
export function theEnd(model: Model, member: Member | undefined): readonly number[] {
  return [model.quiesce, member?.killed ?? -1, member?.exited ?? -1, model.events.length - 1];
}
