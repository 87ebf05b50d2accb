import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { answerVector, VECTOR_OPERATIONS } from "../../../packages/core/src/vectors/index.ts";
import { CHUNK, chunksOf, draw } from "./draw.mjs";
import { operations } from "./operations.mjs";

const folder = new URL("../../../packages/spec/schemas/v1/", import.meta.url);
const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
for (const file of readdirSync(folder)) {
  ajv.addSchema(JSON.parse(readFileSync(new URL(file, folder), "utf8")) as object);
}
const table = operations(answerVector);

test("every operation of the core has inputs", () => {
  expect(Object.keys(table).toSorted()).toEqual(VECTOR_OPERATIONS.toSorted());
});

describe.each(Object.keys(table))("inputs of %s", (op) => {
  const operation = table[op]!;
  const inputs = [...chunksOf(7, op, 0, 300)].flatMap((chunk) => draw(operation.input, chunk));

  test("have the form of Appendix D, and so have their answers", () => {
    const validate = ajv.getSchema("urn:sluice:schema:v1:operations")!;
    for (const input of inputs) {
      const example = { op, input, output: answerVector(op, input) };
      const valid = validate(example);
      expect(valid, `${ajv.errorsText(validate.errors)}\n${JSON.stringify(example)}`).toBe(true);
    }
  });

  test("are the same when drawn again, and from any index on", () => {
    const later = [...chunksOf(7, op, 120, 60)].flatMap((chunk) => draw(operation.input, chunk));
    expect(later).toEqual(inputs.slice(120, 180));
  });
});

test("a range of inputs is cut into chunks that begin where they always do", () => {
  const chunks = [...chunksOf(1, "Move", CHUNK - 5, CHUNK + 10)];
  expect(chunks.map(({ from, skip, count }) => [from, skip, count])).toEqual([
    [CHUNK - 5, CHUNK - 5, CHUNK],
    [CHUNK, 0, CHUNK],
    [2 * CHUNK, 0, 5],
  ]);
  expect(new Set(chunks.map(({ seed }) => seed)).size).toBe(3);
  expect([...chunksOf(1, "Move", 0, 1)][0]?.seed).not.toBe([...chunksOf(2, "Move", 0, 1)][0]?.seed);
});
