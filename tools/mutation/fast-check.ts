// What tests get for "fast-check" while mutants are judged: fewer inputs for each property, and no search for
// the smallest one that fails. CommonJS, since the module of that name is this one.
import { createRequire } from "node:module";
import type fc from "fast-check";

const real = createRequire(import.meta.url)("fast-check") as typeof fc;
const most = Number(process.env["SLUICE_PROPERTY_RUNS"] ?? "100");

const assert: typeof fc.assert = (property, parameters) =>
  real.assert(property as never, {
    ...parameters,
    numRuns: Math.min(parameters?.numRuns ?? most, most),
    endOnFailure: true,
  }) as never;

export default { ...real, assert };
