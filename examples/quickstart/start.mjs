// Builds what the example needs, then runs it: `pnpm --filter @sluice/example-quickstart start`.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));
const turbo = fileURLToPath(new URL("node_modules/turbo/bin/turbo", `file://${root}`));

const built = spawnSync(
  process.execPath,
  [turbo, "run", "build", "--filter=@sluice/example-quickstart", "--output-logs=errors-only"],
  {
    cwd: root,
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1" },
    encoding: "utf8",
  },
);
if (built.status !== 0) {
  process.stderr.write(`${built.stdout}${built.stderr}\nThe build failed.\n`);
  process.exit(1);
}
process.chdir(here);
await import("./dist/main.js");
