export { kafkajs } from "./kafkajs.ts";
export type { KafkajsConfig } from "./kafkajs.ts";
export type { KafkajsCodec } from "./codecs.ts";
export type { ClientOptions } from "./settings.ts";
