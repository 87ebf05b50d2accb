import type { SubjectConfig } from "../../subject/protocol.ts";

/** A defect in what the client is configured with. */
export type ConfigMutant = (config: SubjectConfig) => SubjectConfig;

/** Does not tell its client who it is: every start is that of a new member. */
export const forgetsInstanceId: ConfigMutant = (config) => {
  const { instanceId, ...anonymous } = config;
  return instanceId === undefined ? config : anonymous;
};
