import type { Logger, LogFields } from "@sluice/core";

/** Standard output belongs to the protocol. The runner keeps the end of standard error. */
export const stderrLogger: Logger = {
  debug: () => {},
  info: (message, fields) => write("info", message, fields),
  warn: (message, fields) => write("warn", message, fields),
  error: (message, fields) => write("error", message, fields),
};

function write(level: string, message: string, fields?: LogFields): void {
  const { error, ...rest } = fields ?? {};
  const stack = error instanceof Error ? ` (${error.name}: ${error.message})` : "";
  const text = Object.keys(rest).length === 0 ? "" : ` ${JSON.stringify(rest)}`;
  process.stderr.write(`${new Date().toISOString()} ${level} ${message}${stack}${text}\n`);
}
