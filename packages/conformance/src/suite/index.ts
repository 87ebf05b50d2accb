import type { Case } from "../runner/case.ts";
import { brokerSigkill, brokerSigterm } from "./broker-restart.ts";
import { holdHead } from "./core-hold-head.ts";
import { hotKey } from "./core-hot-key.ts";
import { randomCompletion } from "./core-random-completion.ts";
import { slowHandler } from "./core-slow-handler.ts";
import { startLatest, startPosition } from "./core-start-position.ts";
import { joinMidflight } from "./group-join-midflight.ts";
import { leaveDrain } from "./group-leave-drain.ts";
import { revokeLateFinish } from "./group-revoke-late-finish.ts";
import { sameMemberNewGeneration } from "./group-same-member-new-generation.ts";
import { commitAckLost } from "./net-commit-ack-lost.ts";
import { sigkillMidBatch, sigkillRestore } from "./proc-sigkill-mid-batch.ts";
import { exhaustedDlq } from "./retry-exhausted-dlq.ts";
import { transient } from "./retry-transient.ts";
import { VECTOR_CASES } from "./vectors.ts";

/** The catalogue, in the order of the matrix. */
export const CASES: readonly Case[] = [
  ...VECTOR_CASES,
  holdHead,
  randomCompletion,
  hotKey,
  slowHandler,
  startPosition,
  startLatest,
  transient,
  exhaustedDlq,
  joinMidflight,
  leaveDrain,
  revokeLateFinish,
  sameMemberNewGeneration,
  sigkillMidBatch,
  sigkillRestore,
  brokerSigterm,
  brokerSigkill,
  commitAckLost,
];
