import fc from "fast-check";

// A failure prints its own seed and path; SLUICE_SEED repeats a whole run with another one.
const seed = Number(process.env["SLUICE_SEED"] ?? 20_261_121);
fc.configureGlobal({ seed });
