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

/**
 * What readers of JUnit XML agree on (Jenkins, GitLab, Surefire's schema): which elements stand in which, in
 * which order and how often, and which attributes they have. `!` marks what must be there.
 */
const GRAMMAR: Readonly<Record<string, { attributes: string; children: string }>> = {
  testsuites: { attributes: "name time tests! failures! errors! skipped", children: "testsuite*" },
  testsuite: {
    attributes: "name! tests! failures! errors! skipped time! timestamp",
    children: "properties? testcase* system-out? system-err?",
  },
  properties: { attributes: "", children: "property*" },
  property: { attributes: "name! value!", children: "" },
  testcase: {
    attributes: "name! classname! time!",
    children: "(skipped|error|failure)? system-out? system-err?",
  },
  skipped: { attributes: "message", children: "" },
  error: { attributes: "message type!", children: "" },
  failure: { attributes: "message type!", children: "" },
  "system-out": { attributes: "", children: "" },
  "system-err": { attributes: "", children: "" },
};

function breaches(xml: string): string[] {
  type Node = Readonly<Record<string, unknown>>;
  const found: string[] = [];
  const visit = (node: Node): string => {
    const name = Object.keys(node).find((key) => key !== ":@") ?? "";
    if (name === "#text" || name.startsWith("?")) return "";
    const rules = GRAMMAR[name];
    if (!rules) {
      found.push(`<${name}> is unknown`);
      return name;
    }
    const has = Object.keys(node[":@"] ?? {});
    const allowed = rules.attributes.split(" ").map((attribute) => attribute.replace("!", ""));
    for (const attribute of has) {
      if (!allowed.includes(attribute)) found.push(`<${name}> has ${attribute}`);
    }
    for (const attribute of rules.attributes.split(" ")) {
      if (attribute.endsWith("!") && !has.includes(attribute.slice(0, -1))) {
        found.push(`<${name}> lacks ${attribute}`);
      }
    }
    const children = (node[name] as readonly Node[]).map(visit).filter(Boolean);
    const pattern = rules.children
      .replaceAll(/[\w-]+/g, (child) => `(?:${child} )`)
      .replaceAll(/ (?=[(]|$)/g, "");
    const sequence = children.map((child) => `${child} `).join("");
    if (!new RegExp(`^${pattern.replaceAll(" )", "\\x20)")}$`).test(sequence)) {
      found.push(`<${name}> holds ${sequence}`);
    }
    return name;
  };
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: "",
  });
  for (const node of parser.parse(xml) as readonly Node[]) visit(node);
  return found;
}

describe("the JUnit report", () => {
  it("keeps to what readers of the format expect", () => {
    expect(breaches(renderJUnit(sampleRun()))).toEqual([]);
    expect(breaches(renderJUnit(sampleRun([])))).toEqual([]);
    expect(breaches('<testsuites tests="1"><testcase name="x"/></testsuites>')).toHaveLength(5);
  });

  it("has what is known to fail as skipped, with the reason", () => {
    const known = { list: "failing", reason: "issue 17" } as const;
    const xml = renderJUnit(
      sampleRun([
        result("core/hold-head", "kafkajs", "fail", { known }),
        result("core/hold-head", "rdkafka", "pass", { known }),
      ]),
    );
    const { testsuites } = parse(xml);
    expect(testsuites).toMatchObject({ "@tests": "2", "@failures": "1", "@skipped": "1" });
    expect(testsuites.testsuite[0]!.testcase[0]!["skipped"]!["@message"]).toBe(
      "known failing: issue 17",
    );
    expect(testsuites.testsuite[1]!.testcase[0]!["failure"]!["@message"]).toMatch(
      /was expected to fail but did not/,
    );
  });

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
