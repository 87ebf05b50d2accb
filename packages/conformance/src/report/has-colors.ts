/**
 * Whether a stream is to be written in colours: on a terminal that has them, and nowhere else. That some
 * service runs the suite is no terminal; FORCE_COLOR asks for them all the same, NO_COLOR for none.
 * https://no-color.org, https://force-color.org
 */
export function hasColors(
  stream: { readonly isTTY?: boolean; hasColors?(): boolean },
  env: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  if (isSet(env["NO_COLOR"])) return false;
  if (isSet(env["FORCE_COLOR"])) return env["FORCE_COLOR"] !== "0";
  return stream.isTTY === true && (stream.hasColors?.() ?? true);
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
