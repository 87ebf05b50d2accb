import type { Envelope, KafkaRecord } from "@sluice/core";
import { readEnvelope } from "@sluice/core";

export interface EnvelopeSettings {
  /** Topics that only processors and replayers write to (SLC-SEC-006). */
  readonly trustedTopics: ReadonlySet<string>;
  /** Id of the cluster; null when it is not known. */
  readonly cluster: string | null;
  /** Whether the header `id` is taken for the message id. */
  readonly idHeader: boolean;
}

/**
 * What the headers of records say, read when somebody asks and once for each record: reading them
 * costs more than all the rest of a record's way, and most handlers never look.
 */
export class Envelopes {
  readonly settings: EnvelopeSettings;
  readonly #read = new WeakMap<KafkaRecord, Envelope>();
  readonly #anomalies = new Map<string, number>();

  constructor(settings: EnvelopeSettings) {
    this.settings = settings;
  }

  of(record: KafkaRecord): Envelope {
    let envelope = this.#read.get(record);
    if (envelope === undefined) {
      const { cluster, idHeader } = this.settings;
      envelope = readEnvelope(record, { trusted: this.trusts(record), cluster, idHeader });
      this.#read.set(record, envelope);
      for (const anomaly of envelope.anomalies) this.#count(anomaly);
    }
    return envelope;
  }

  trusts({ topic }: KafkaRecord): boolean {
    return this.settings.trustedTopics.has(topic);
  }

  /** Anomalies of all records read so far, by code (SLC-ENV-021). */
  get anomalies(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#anomalies);
  }

  #count(anomaly: string): void {
    const [code = ""] = anomaly.split(":", 1);
    this.#anomalies.set(code, (this.#anomalies.get(code) ?? 0) + 1);
  }
}
