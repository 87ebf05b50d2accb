import type { Handle, Model, RecordModel } from "../model.ts";

/** A begin of a record whose earlier begin had not failed: its effect happens, or may happen, twice. */
export interface Extra {
  readonly record: RecordModel;
  readonly handle: Handle;
  /** The latest earlier begin that had not failed by then. */
  readonly earlier: Handle;
}

/**
 * A retry is no extra: its earlier begin had failed (`retry` or `throw`) before it. A record begun
 * again after `ok`, `skip`, a terminal failure, or while an earlier handler is running, is one, in
 * whatever epoch.
 */
export function extras(model: Model): readonly Extra[] {
  const found: Extra[] = [];
  for (const partition of model.partitions) {
    for (const record of partition.records.values()) {
      if (record.handles.length < 2) continue;
      // What had failed before one begin had failed before the next: it is looked at once.
      const unfailed: Handle[] = [];
      for (const handle of record.handles) {
        while (unfailed.length > 0 && failedBefore(unfailed.at(-1)!, handle.index)) unfailed.pop();
        const earlier = unfailed.at(-1);
        if (earlier) found.push({ record, handle, earlier });
        unfailed.push(handle);
      }
    }
  }
  return found;
}

/** The attempt had ended in a failure that calls for another attempt. */
function failedBefore(handle: Handle, index: number): boolean {
  if (!handle.finish || handle.finish.index > index) return false;
  const { result } = handle.finish.event;
  return result === "retry" || result === "throw";
}
