import { readFileSync } from "node:fs";

/**
 * What a browser gets: the style sheet and the script of the page. Both are files of their own, so
 * that they are formatted, linted and type-checked as what they are; the package carries its
 * sources, and from `dist` they are as far away as from `src`.
 */
const FOLDER = new URL("../../../src/report/html/browser/", import.meta.url);

/** In the order of their imports: each file needs only those before it. */
const MODULES = ["scale", "lanes", "words", "staircase", "timeline", "charts", "page"];

export const STYLES: string = readFileSync(new URL("page.css", FOLDER), "utf8");

/** The modules as one script: inside a page they cannot import each other. */
export const SCRIPT: string = `"use strict";\n${MODULES.map(inlined).join("\n")}\n`;

/** `import { a } from "./b.js"` becomes `const { a } = $b`, and a module what it exports. */
function inlined(name: string): string {
  const source = readFileSync(new URL(`${name}.js`, FOLDER), "utf8");
  const exported = [...source.matchAll(/^export (?:const|class|(?:async )?function) (\w+)/gm)];
  const body = source
    .replaceAll(/^ *\/\*\*?(?:[^*]|\*(?!\/))*\*\/\n/gm, "")
    .replaceAll(/^import (\{[^}]*\}) from "\.\/(\w+)\.js";\n/gm, "const $1 = $$$2;\n")
    .replaceAll(/^export /gm, "")
    .trim();
  const names = exported.map(([, symbol]) => symbol).join(", ");
  return `const $${name} = (() => {\n${body}\nreturn { ${names} };\n})();`;
}
