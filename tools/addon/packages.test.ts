import { expect, it } from "vitest";

import { installCommand } from "./packages.mjs";

it("names one command where the package manager is known", () => {
  expect(installCommand("apk").split("\n")).toHaveLength(1);
  expect(installCommand("apk")).toContain("apk add");
});

it("names every command where it is not", () => {
  const text = installCommand(null);
  for (const manager of ["apt-get install", "dnf install", "apk add", "brew install"]) {
    expect(text).toContain(manager);
  }
});
