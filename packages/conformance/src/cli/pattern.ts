/** `*` is one part of an id, `**` any number of them. */
export function wildcard(pattern: string, id: string): boolean {
  const source = pattern
    .split(/(\*\*?)/)
    .map((part) =>
      part === "**" ? ".*" : part === "*" ? "[^/]*" : part.replaceAll(/[\\^$.|?+()[\]{}]/g, "\\$&"),
    )
    .join("");
  return new RegExp(`^${source}$`).test(id);
}

/** As {@link wildcard}; without a star any part of the id will do. */
export function matches(pattern: string, id: string): boolean {
  return pattern.includes("*") ? wildcard(pattern, id) : id.includes(pattern);
}
