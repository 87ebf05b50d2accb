import { errorOfCode } from "./errors.ts";
import type { Broker } from "./internals.ts";
import { call } from "./internals.ts";

/** What makes a producer's batches recognisable to the brokers. */
export interface ProducerIdentity {
  readonly producerId: string;
  readonly producerEpoch: number;
}

const TRANSACTION_TIMEOUT_MS = 60_000;

/** @throws PortError, or what kafkajs throws */
export async function initProducerId(broker: Broker): Promise<ProducerIdentity> {
  const args = { transactionTimeout: TRANSACTION_TIMEOUT_MS };
  const { errorCode, producerId, producerEpoch } = await call(broker, "InitProducerId", args);
  if (errorCode !== 0) throw errorOfCode(errorCode, "asking for a producer id");
  return { producerId, producerEpoch };
}

const MAX_SEQUENCE = 2_147_483_647;

/** The sequence number `count` records on. Brokers count from 0 again after 2^31-1. */
export function nextSequence(sequence: number, count: number): number {
  return sequence > MAX_SEQUENCE - count ? count - (MAX_SEQUENCE - sequence) - 1 : sequence + count;
}
