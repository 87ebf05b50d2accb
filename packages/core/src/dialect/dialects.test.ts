import { expect, test } from "vitest";
import { dialectTables } from "./dialects.ts";

test("no header is looked for twice", () => {
  const names = dialectTables({}).flatMap(({ fields }) =>
    Object.values(fields).map((field) => field.names),
  );
  for (const ofOne of names) expect(ofOne).toEqual([...new Set(ofOne)]);
});
