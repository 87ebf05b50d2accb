import { parseArgs } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { command } from "./command.mjs";
import { UsageError, whole } from "./options.mjs";

let out = "";
let err = "";

beforeEach(() => {
  out = err = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, "write").mockImplementation((text) => ((err += String(text)), true));
});
afterEach(() => vi.restoreAllMocks());

const run = vi.fn(async ({ cases }: { cases: number }) => cases);
const started = (...args: string[]): Promise<number> => {
  run.mockClear();
  const options = (): { help: boolean; cases: number } => {
    const { values } = parseArgs({
      args,
      options: { help: { type: "boolean", default: false }, cases: { type: "string" } },
    });
    return { help: values.help, cases: whole("--cases", values.cases ?? "0") };
  };
  return command({ help: "what there is\n", options, run });
};

test("is run with its options, and its code is the answer", async () => {
  expect(await started("--cases", "3")).toBe(3);
  expect(run).toHaveBeenCalledExactlyOnceWith({ help: false, cases: 3 });
  expect(out + err).toBe("");
});

test("answers --help on standard output, and does nothing", async () => {
  expect(await started("--help")).toBe(0);
  expect(out).toBe("what there is\n");
  expect(err).toBe("");
  expect(run).not.toHaveBeenCalled();
});

test.each([
  [["--cases", "many"], '--cases takes a whole number, not "many"'],
  [["--csaes", "3"], "Unknown option '--csaes'"],
  [["3"], "Unexpected argument '3'"],
  [["--cases"], "Option '--cases <value>' argument missing"],
])("%j is wrong usage: a sentence and 64", async (args, message) => {
  expect(await started(...args)).toBe(64);
  expect(err.startsWith(message)).toBe(true);
  expect(err.endsWith("\n(--help shows what there is)\n")).toBe(true);
  expect(out).toBe("");
  expect(run).not.toHaveBeenCalled();
});

test("knows wrong usage also when it shows only later", async () => {
  run.mockRejectedValueOnce(new UsageError("no operation"));
  expect(await command({ help: "", options: () => ({ help: false, cases: 0 }), run })).toBe(64);
  expect(err).toBe("no operation\n(--help shows what there is)\n");
});

test.each(["options", "run"])("leaves a defect of %s its stack", async (where) => {
  const defect = new TypeError("undefined is not a function");
  const broken = (): never => {
    throw defect;
  };
  const fine = { help: "", options: () => ({ help: false, cases: 0 }), run };
  await expect(command({ ...fine, [where]: broken })).rejects.toBe(defect);
  expect(err).toBe("");
});
