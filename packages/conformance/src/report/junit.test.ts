import { XMLParser, XMLValidator } from "fast-xml-parser";
import { describe, expect, it } from "vitest";
import { result, sampleRun } from "../../test/sample-run.ts";
import { renderJUnit } from "./junit.ts";

interface Counted {
  readonly "@tests": string;
  readonly "@failures": string;
}
interface Testcase {
  readonly [child: string]: { readonly "@message": string; readonly "#text": string };
}
interface Document {
  readonly testsuites: Counted & {
    readonly testsuite: readonly (Counted & {
      readonly "@name": string;
      readonly testcase: readonly Testcase[];
    })[];
  };
}
const parse = (xml: string): Document =>
  new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    isArray: (name) => name === "testsuite" || name === "testcase",
  }).parse(xml) as Document;

describe("the JUnit report", () => {
  it("is well-formed whatever the texts hold", () => {
    const xml = renderJUnit(sampleRun());
    expect(XMLValidator.validate(xml)).toBe(true);
    // oxlint-disable-next-line no-control-regex
    expect(xml).not.toMatch(/[\u0000-\u0008]|\p{Surrogate}/u);
    expect(xml).toContain("&lt;b&gt;&amp;");
  });

  it("counts failures, unknowns as failures, errors and skips", () => {
    const { testsuites } = parse(renderJUnit(sampleRun()));
    expect(testsuites).toMatchObject({
      "@tests": "5",
      "@failures": "2",
      "@errors": "1",
      "@skipped": "1",
    });
    const [kafkajs, rdkafka] = testsuites.testsuite;
    expect(kafkajs!["@name"]).toBe("kafkajs");
    expect(kafkajs!.testcase.map((c) => Object.keys(c).find((k) => !k.startsWith("@")))).toEqual([
      undefined,
      "failure",
      "skipped",
    ]);
    const [failed, error] = rdkafka!.testcase;
    expect(failed!["failure"]!["@message"]).toContain("violated: P1");
    expect(failed!["failure"]!["#text"]).toContain("--run core/hold-head");
    expect(error!["error"]!["@message"]).toBe('subject wrote "<garbage>" on standard output');
  });

  it("judges a self test by its expectation", () => {
    const xml = renderJUnit(
      sampleRun([
        result("core/hold-head", "kafkajs", "fail", {
          expectation: { outcome: "fail", invariants: ["P1"], met: true },
        }),
        result("core/hold-head", "rdkafka", "pass", {
          expectation: { outcome: "fail", invariants: ["P1"], met: false },
        }),
      ]),
    );
    const { testsuites } = parse(xml);
    expect(testsuites).toMatchObject({ "@tests": "2", "@failures": "1" });
    expect(testsuites.testsuite[0]!.testcase[0]).not.toHaveProperty("failure");
    expect(testsuites.testsuite[1]!.testcase[0]).toHaveProperty("failure");
  });
});
