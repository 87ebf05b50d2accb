import type { ConsumerOptions } from "@sluice/runtime";
import type { SubjectConfig } from "../../subject/protocol.ts";

/** A defect, as a change of what the reference is given: never of the reference itself. */
export type Mutant = (options: ConsumerOptions, config: SubjectConfig) => ConsumerOptions;

/** @throws Error for an unknown name */
export function mutant(name: string | undefined): Mutant {
  if (name === undefined) return (options) => options;
  const found = MUTANTS[name];
  if (found === undefined) {
    throw new Error(`no mutant ${name}; there are ${Object.keys(MUTANTS).join(", ")}`);
  }
  return found;
}

const MUTANTS: Readonly<Record<string, Mutant>> = {};
