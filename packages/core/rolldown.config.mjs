// @ts-check
// The code in one module, with the numbers of its constants written out; the types are tsc's. V8 loads and
// checks an imported constant at each use, and it inlines by the length of the bytecode: with a module a
// file and constants by name, a record costs a tenth more.
import { defineConfig } from "rolldown";

export default defineConfig({
  input: { index: "src/index.ts", "vectors/index": "src/vectors/index.ts" },
  external: /^@sluice\//,
  optimization: { inlineConst: { mode: "all", pass: 3 } },
  output: {
    dir: "dist",
    chunkFileNames: "shared.js",
    sourcemap: true,
    // Names and lines stay, for stack traces.
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: false } },
  },
});
