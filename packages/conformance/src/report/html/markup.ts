import { html as template } from "htm/preact";
import { h } from "preact";
import type { ComponentChildren } from "preact";
import { renderToString } from "preact-render-to-string";

/** Anything that can stand inside an element. Text is escaped when it is rendered. */
export type Markup = ComponentChildren;

/**
 * A tagged template for HTML and SVG; every value is escaped. White space that holds a line break is
 * dropped, as in JSX: a space beside a value must stand on the line of that value. (Formatters that
 * know a tag named `html` do not know that.)
 */
export const markup: (strings: TemplateStringsArray, ...values: unknown[]) => Markup = template;

/** Text that must not be escaped: only for what this package itself wrote. */
export function verbatim(element: "style" | "script", text: string): Markup {
  return h(element, { dangerouslySetInnerHTML: { __html: text } });
}

export function render(markup: Markup): string {
  return renderToString(h("x-root", null, markup)).slice("<x-root>".length, -"</x-root>".length);
}
