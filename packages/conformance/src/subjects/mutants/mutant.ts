import type { ConsumerOptions } from "@sluice/runtime";
import type { SubjectConfig } from "../../subject/protocol.ts";

/** A defect, as a change of what the reference is given: never of the reference itself. */
export type Mutant = (options: ConsumerOptions, config: SubjectConfig) => ConsumerOptions;
