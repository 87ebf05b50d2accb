// @ts-check
// What an AsyncAPI 3.0 document says of a message with Sluice's headers.

/** @typedef {{ [keyword: string]: unknown, $ref?: string, description?: string }} Schema */

/**
 * The message trait of the headers' schema. Schemas of AsyncAPI are of draft 07, where nothing may
 * stand beside a `$ref`, so that what is referred to is written out, and where `dependentRequired`
 * is `dependencies`.
 * @param {Schema} headers urn:sluice:schema:v1:headers
 * @returns {Schema}
 */
export function messageTrait({ description, properties, dependentRequired, $defs, examples }) {
  const definitions = /** @type {Record<string, Schema>} */ ($defs);
  const [, deadLetter] = /** @type {Schema[]} */ (examples);
  return {
    name: "sluice-headers",
    title: "Sluice headers",
    summary: "Headers of records that Sluice processes, retries, sets aside and replays.",
    headers: {
      type: "object",
      description,
      properties: Object.fromEntries(
        Object.entries(/** @type {Record<string, Schema>} */ (properties)).map(([name, schema]) => [
          name,
          writtenOut(schema, definitions),
        ]),
      ),
      dependencies: dependentRequired,
    },
    examples: [{ name: "dead-letter", headers: deadLetter }],
  };
}

/**
 * @param {Schema} schema
 * @param {Record<string, Schema>} definitions
 * @returns {Schema}
 */
function writtenOut({ $ref, ...schema }, definitions) {
  if ($ref === undefined) return schema;
  const definition = definitions[$ref.replace("#/$defs/", "")];
  if (definition === undefined) throw new Error(`headers.schema.json: ${$ref} is not defined`);
  const { description, ...referred } = writtenOut(definition, definitions);
  const { description: own, ...added } = schema;
  return {
    description: [own, description].filter(Boolean).join(" "),
    ...referred,
    ...added,
  };
}
