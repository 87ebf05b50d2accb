import type { Findings, Invariant } from "../invariant.ts";
import type { Handle, Model, PartitionModel } from "../model.ts";
import { at, place, readable } from "../words.ts";
import { firstWhere } from "../search.ts";
import { substrateProblems } from "../substrate.ts";
import { Tenures } from "./ownership.ts";

/**
 * Every begin names a record that the witness found (so no aborted, foreign or imagined one), with the
 * same key and value, under a handle of its own. What a subject claims about epochs is checked against
 * the wire: a member has at most as many epochs of a partition as it was granted the partition so far.
 * A grant is recorded before it is passed on, so it always precedes the begins it allows.
 */
export const x1: Invariant = {
  id: "X1",
  rule: "Every begin names an existing record, with its content, in an epoch that was granted.",
  needs: ["ledger", "topics"],
  liveness: false,
  judge(model, findings) {
    const unreliable = new Set(substrateProblems(model).map(({ partition }) => partition));
    for (const handle of model.handles) {
      findings.examined();
      judgeRecord(model, handle, unreliable, findings);
      if (handle.reused) {
        findings.violation(
          [handle.index],
          () =>
            `${handle.member.label} began ${place(handle.record)} at ${at(model, handle.index)} as ${handle.event.handle}, while another handler of this name was running`,
        );
      }
    }
    if (!model.witnesses.has("wire")) return;
    const tenures = new Tenures(model);
    for (const epoch of model.epochs) {
      const first = epoch.handles[0]!;
      const grant = tenures.earliestGrant(epoch);
      if (grant && grant.index < first.index) continue;
      const { grants } = tenures.of(epoch.member, epoch.partition);
      const granted = firstWhere(grants, ({ index }) => index >= first.index);
      findings.violation(
        [first.index],
        () =>
          `${epoch.member.label} claims epoch ${epoch.claim} of ${epoch.partition.name} at ${at(model, first.index)}, its ` +
          `${ordinal(epoch.ordinal)}, but had been assigned the partition ${granted === 1 ? "once" : `${granted} times`}`,
      );
    }
  },
};

function judgeRecord(
  model: Model,
  handle: Handle,
  unreliable: ReadonlySet<PartitionModel>,
  findings: Findings,
): void {
  const { record, event } = handle;
  const where = `${record.partition.name}@${record.offset}`;
  // The broker or the witness has contradicted itself here (SUBSTRATE): nothing can be told.
  if (record.contradicted) return;
  const real = (record.visible ?? record.produced)?.event;
  if (!real) {
    const { workload, range } = record.partition;
    if (workload && (!range || unreliable.has(record.partition))) {
      findings.inconclusive(`the witness did not read ${record.partition.name} to its end`);
      return;
    }
    findings.violation(
      [handle.index],
      () =>
        `${handle.member.label} began ${where} at ${at(model, handle.index)}, which the topic does not hold`,
    );
    return;
  }
  if (real.key === event.key && real.valueHash === event.valueHash) return;
  const what =
    real.key === event.key
      ? `value hash ${event.valueHash}, not ${real.valueHash}`
      : `key ${readable(event.key)}, not ${readable(real.key)}`;
  findings.violation(
    [handle.index, (record.visible ?? record.produced)!.index],
    () => `${handle.member.label} began ${where} at ${at(model, handle.index)} with ${what}`,
  );
}

function ordinal(n: number): string {
  if (n % 100 >= 11 && n % 100 <= 13) return `${n}th`;
  return `${n}${["th", "st", "nd", "rd"][n % 10] ?? "th"}`;
}
