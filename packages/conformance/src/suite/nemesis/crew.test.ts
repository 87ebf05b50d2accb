import { expect, test } from "vitest";
import type { SubjectErrorCode } from "../../subject/subject-error.ts";
import { SubjectError } from "../../subject/subject-error.ts";
import type { Scene } from "../scene.ts";
import { Crew } from "./crew.ts";

const ready = (): null => null;

test("a place is taken by one process after the other, each with a name of its own", async () => {
  const { crew, done } = crewWhose({});
  expect(crew.at(0)).toBe("m0");
  expect(await crew.enlist(0, ready)).toBe("m0-2");
  expect(crew.at(0)).toBe("m0-2");
  expect(await crew.enlist(1, ready)).toBe("m1");
  expect(done).toEqual(["start m0-2", "start m1"]);
});

test("nobody starts before it is ready, however often that has to be asked", async () => {
  const { crew, done } = crewWhose({});
  const waits = [() => done.push("waited"), () => done.push("waited again")];
  await crew.enlist(0, () => {
    const wait = waits.shift();
    return wait === undefined ? null : Promise.resolve().then(() => void wait());
  });
  expect(done).toEqual(["waited", "waited again", "start m0-2"]);
});

test("who refuses to start is ended, and followed by another", async () => {
  const { crew, done } = crewWhose({ "m0-2": "refused", "m0-3": "refused" });
  expect(await crew.enlist(0, ready)).toBe("m0-4");
  expect(done).toEqual(["start m0-2", "kill m0-2", "start m0-3", "kill m0-3", "start m0-4"]);
});

test("the third refusal is the subject's failure", async () => {
  const { crew, done } = crewWhose({ "m0-2": "refused", "m0-3": "refused", "m0-4": "refused" });
  await expect(crew.enlist(0, ready)).rejects.toThrow("m0-4");
  expect(done.filter((what) => what.startsWith("start"))).toHaveLength(3);
});

test("who breaks the protocol gets no second chance", async () => {
  const { crew, done } = crewWhose({ "m0-2": "silent" });
  await expect(crew.enlist(0, ready)).rejects.toThrow("m0-2");
  expect(done).toEqual(["start m0-2"]);
});

/** A crew of one place, some of whose members fail to start. */
function crewWhose(fails: Readonly<Record<string, SubjectErrorCode>>): {
  readonly crew: Crew;
  readonly done: string[];
} {
  const done: string[] = [];
  const run = {
    start: async (name: string) => {
      done.push(`start ${name}`);
      const code = fails[name];
      if (code !== undefined) throw new SubjectError(code, name, "will not start");
    },
    kill: async (name: string) => void done.push(`kill ${name}`),
  };
  return { crew: new Crew({ run } as unknown as Scene, 1), done };
}
