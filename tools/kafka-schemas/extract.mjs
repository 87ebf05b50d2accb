// Extracts the subset of Kafka's own message schemas that the frame proxy decodes with, out of
// Kafka's jars, into one generated module. Deterministic. A newer Kafka is one more run:
//
//   node tools/kafka-schemas/extract.mjs [--libs <folder with Kafka's jars>] [--check]
//
// Without --libs: $KAFKA_HOME/libs, else the cache that the local cluster fills.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { onlyOptions } from "../run/options.mjs";

const OUTPUT = resolve(
  import.meta.dirname,
  "../../packages/conformance/src/proxy/kafka-schemas.ts",
);

/** Requests and responses that Kafka clients of any of our subjects send (name without the suffix). */
const APIS = [
  "AddOffsetsToTxn",
  "AddPartitionsToTxn",
  "ApiVersions",
  "ConsumerGroupDescribe",
  "ConsumerGroupHeartbeat",
  "CreatePartitions",
  "CreateTopics",
  "DeleteGroups",
  "DeleteRecords",
  "DeleteTopics",
  "DescribeCluster",
  "DescribeConfigs",
  "DescribeGroups",
  "DescribeTopicPartitions",
  "EndTxn",
  "Fetch",
  "FindCoordinator",
  "GetTelemetrySubscriptions",
  "Heartbeat",
  "InitProducerId",
  "JoinGroup",
  "LeaveGroup",
  "ListGroups",
  "ListOffsets",
  "Metadata",
  "OffsetCommit",
  "OffsetDelete",
  "OffsetFetch",
  "OffsetForLeaderEpoch",
  "Produce",
  "PushTelemetry",
  "SaslAuthenticate",
  "SaslHandshake",
  "SyncGroup",
  "TxnOffsetCommit",
];
const DATA = ["ConsumerProtocolAssignment", "ConsumerProtocolSubscription"];
/** Keys and values of `__consumer_offsets`. */
const COORDINATOR = [
  "ConsumerGroupCurrentMemberAssignment",
  "ConsumerGroupMemberMetadata",
  "ConsumerGroupMetadata",
  "ConsumerGroupPartitionMetadata",
  "ConsumerGroupRegularExpression",
  "ConsumerGroupTargetAssignmentMember",
  "ConsumerGroupTargetAssignmentMetadata",
  "GroupMetadata",
  "LegacyOffsetCommit",
  "OffsetCommit",
];

const values = onlyOptions({
  libs: { type: "string" },
  check: { type: "boolean", default: false },
});
const libs = values.libs ?? defaultLibs();
const version = kafkaVersion(libs);
const text = generate(libs, version);
if (!values.check) {
  writeFileSync(OUTPUT, text);
  console.log(`${OUTPUT}: Kafka ${version}, ${text.length} characters`);
} else if (readFileSync(OUTPUT, "utf8") !== text) {
  console.error(
    `${OUTPUT} is not what Kafka ${version} gives: run tools/kafka-schemas/extract.mjs`,
  );
  process.exitCode = 1;
}

function defaultLibs() {
  const { KAFKA_HOME, SLUICE_CACHE, XDG_CACHE_HOME } = process.env;
  if (KAFKA_HOME) return join(KAFKA_HOME, "libs");
  const cache =
    SLUICE_CACHE ??
    (XDG_CACHE_HOME ? join(XDG_CACHE_HOME, "sluice") : join(homedir(), ".cache/sluice"));
  return join(cache, "kafka-4.2.0", "libs");
}

/** @param {string} folder */
function kafkaVersion(folder) {
  /** @type {string[]} */
  let names = [];
  try {
    names = readdirSync(folder);
  } catch {
    // Told below: a folder that is not there has no jar either.
  }
  const jar = names.find((name) => /^kafka-clients-\d[\w.-]*\.jar$/.test(name));
  if (!jar) {
    console.error(
      `No kafka-clients-*.jar in ${folder}: start a local cluster once, or give --libs.`,
    );
    process.exit(4);
  }
  return jar.slice("kafka-clients-".length, -".jar".length);
}

/**
 * @param {string} folder
 * @param {string} kafka
 */
function generate(folder, kafka) {
  const clients = readMessages(join(folder, `kafka-clients-${kafka}.jar`));
  const groups = readMessages(join(folder, `kafka-group-coordinator-${kafka}.jar`));
  const lines = [
    ...APIS.flatMap((name) => [clients(`${name}Request`), clients(`${name}Response`)]),
    ...DATA.map((name) => clients(name)),
    ...COORDINATOR.flatMap((name) => [groups(`${name}Key`), groups(`${name}Value`)]),
  ].map((schema) => `  '${JSON.stringify(minimise(schema)).replaceAll("'", "\\'")}',\n`);
  return `${header(kafka)}export const KAFKA_SCHEMAS: readonly string[] = [\n${lines.join("")}];\n`;
}

/**
 * @param {string} jar
 * @returns {(name: string) => Record<string, any>}
 */
function readMessages(jar) {
  const folder = mkdtempSync(join(tmpdir(), "kafka-schemas-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  execFileSync("jar", ["--extract", "--file", jar, "common/message"], { cwd: folder });
  return (name) => {
    const file = join(folder, "common/message", `${name}.json`);
    return JSON.parse(withoutComments(readFileSync(file, "utf8")));
  };
}

/**
 * Kafka's schema files are JSON with line comments, whole-line and trailing.
 * @param {string} json
 */
function withoutComments(json) {
  return json.replaceAll(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*/g, (_, string) => string ?? "");
}

/** @param {Record<string, any>} schema */
function minimise(schema) {
  return defined({
    name: schema.name,
    type: schema.type,
    apiKey: schema.apiKey,
    valid: schema.validVersions,
    flexible: schema.flexibleVersions,
    fields: schema.fields.map(minimiseField),
    structs: schema.commonStructs?.map((/** @type {Record<string, any>} */ struct) => ({
      name: struct.name,
      fields: struct.fields.map(minimiseField),
    })),
  });
}

/**
 * @param {Record<string, any>} field
 * @returns {Record<string, any>}
 */
function minimiseField(field) {
  return defined({
    name: field.name[0].toLowerCase() + field.name.slice(1),
    type: field.type,
    versions: field.versions === "0+" ? undefined : field.versions,
    nullable: field.nullableVersions,
    tagged: field.taggedVersions,
    tag: field.tag,
    flexible: field.flexibleVersions,
    fields: field.fields?.map(minimiseField),
  });
}

/** @param {Record<string, any>} object */
function defined(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/** @param {string} kafka */
function header(kafka) {
  return `// Generated by tools/kafka-schemas/extract.mjs from Apache Kafka ${kafka}. Do not edit.
//
// Derived from the message schemas of Apache Kafka, https://kafka.apache.org:
// Licensed to the Apache Software Foundation (ASF) under one or more contributor license agreements.
// The ASF licenses this file to You under the Apache License, Version 2.0 (the "License"); you may
// not use this file except in compliance with the License. You may obtain a copy of the License at
//
//    http://www.apache.org/licenses/LICENSE-2.0
//
// Unless required by applicable law or agreed to in writing, software distributed under the License
// is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
// or implied. See the License for the specific language governing permissions and limitations under
// the License.

/** One message a line, reduced to what decoding needs; \`schema-interpreter.ts\` reads them. */
`;
}
