export { rdkafka } from "./rdkafka.ts";
export type { RdkafkaConfig } from "./config.ts";
