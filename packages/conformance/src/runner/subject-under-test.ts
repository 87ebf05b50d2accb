import type { SubjectCommand } from "../subject/subject-process.ts";
import type { Introduction, SubjectConfig } from "../subject/protocol.ts";

/** A column of the matrix: a command, and how it is told to take part in groups. */
export interface SubjectUnderTest {
  /** Unique in the run: `kafkajs`, `rdkafka`, `rdkafka/cooperative`, `mutant/commits-highest`. */
  readonly id: string;
  readonly command: SubjectCommand;
  readonly mode: GroupMode;
  readonly hello: Introduction;
}

export interface GroupMode {
  readonly groupProtocol: SubjectConfig["groupProtocol"];
  readonly assignor: SubjectConfig["assignor"];
  readonly rebalance: "eager" | "cooperative" | "consumer";
}

export const GROUP_MODES: Readonly<Record<GroupMode["rebalance"], GroupMode>> = {
  eager: { groupProtocol: "classic", assignor: "range", rebalance: "eager" },
  cooperative: {
    groupProtocol: "classic",
    assignor: "cooperative-sticky",
    rebalance: "cooperative",
  },
  consumer: { groupProtocol: "consumer", assignor: null, rebalance: "consumer" },
};
