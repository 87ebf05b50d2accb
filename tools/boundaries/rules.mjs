// @ts-check
// Who may import whom (docs: ARCHITECTURE.md). Every rule is proved by a planted violation in
// check.mjs: dependency-cruiser without a parser for these sources sees no modules and reports success.
const TEST = "\\.test\\.ts$|^packages/[^/]+/test/|^packages/adapter-suite/";

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    {
      name: "core-is-pure",
      comment: "spec, core and checker: no Node, no npm package",
      severity: "error",
      from: { path: "^packages/(core|spec|checker)/src", pathNot: TEST },
      to: {
        dependencyTypes: ["core", "npm", "npm-dev", "npm-no-pkg", "npm-unknown", "unknown"],
        pathNot: "^packages/",
      },
    },
    {
      name: "spec-and-checker-are-leaves",
      severity: "error",
      from: { path: "^packages/(spec|checker)/src", pathNot: TEST },
      to: { path: "^packages/", pathNot: "^packages/$1/" },
    },
    {
      name: "core-sees-only-spec",
      severity: "error",
      from: { path: "^packages/core/src", pathNot: TEST },
      to: { path: "^packages/", pathNot: "^packages/(core|spec)/" },
    },
    {
      name: "runtime-sees-only-core",
      severity: "error",
      from: { path: "^packages/runtime/src", pathNot: TEST },
      to: { path: "^packages/", pathNot: "^packages/(runtime|core|spec)/" },
    },
    {
      name: "check-sees-only-checker",
      comment: "the command brings a history in and a verdict out; what it means is the checker's",
      severity: "error",
      from: { path: "^packages/check/", pathNot: TEST },
      to: { path: "^packages/", pathNot: "^packages/(check|checker)/" },
    },
    {
      name: "testkit-sees-core-runtime-checker",
      comment: "no client: what runs here runs without a broker",
      severity: "error",
      from: { path: "^packages/testkit/src", pathNot: TEST },
      to: { path: "^packages/", pathNot: "^packages/(testkit|core|runtime|checker|spec)/" },
    },
    {
      name: "internals-are-for-the-testkit",
      severity: "error",
      from: { path: "^packages/([^/]+)/", pathNot: "^packages/(testkit|runtime)/" },
      to: { path: "^packages/runtime/(src|dist)/internals\\." },
    },
    {
      name: "adapters-are-siblings",
      comment: "an adapter knows the core's ports and its client, nothing else of ours",
      severity: "error",
      from: { path: "^packages/(adapter-kafkajs|adapter-rdkafka)/src", pathNot: TEST },
      to: { path: "^packages/", pathNot: "^packages/($1|core|spec)/" },
    },
    {
      name: "runner-is-black-box",
      comment:
        "the suite knows subjects by their protocol only; our own subjects live in src/subjects",
      severity: "error",
      from: {
        path: "^packages/conformance/src/",
        pathNot: `^packages/conformance/src/subjects/|${TEST}`,
      },
      to: { path: "^packages/(core|runtime|adapter-[^/]+)/" },
    },
    {
      name: "public-entry-only",
      severity: "error",
      from: { path: "^packages/([^/]+)/" },
      to: {
        path: "^packages/[^/]+/(src|dist)/",
        pathNot:
          "^packages/$1/|^packages/[^/]+/(src|dist)/(vectors/)?index\\.|^packages/runtime/(src|dist)/internals\\.",
      },
    },
    {
      name: "src-never-imports-tests",
      severity: "error",
      from: { path: "^packages/", pathNot: TEST },
      to: { path: TEST },
    },
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    { name: "not-resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)dist/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@sluice/source", "import", "types", "node", "default"],
      extensions: [".ts", ".js", ".mjs"],
    },
  },
};
