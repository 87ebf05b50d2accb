import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Everything to standard output, which the supervisor puts into a file together with what the JVM says. */
export const LOG4J_PROPERTIES: string = `status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{ISO8601} %-5p %m (%c{1})%n%throwable
rootLogger.level = info
rootLogger.appenderRef.out.ref = out
logger.org-apache-kafka-clients.name = org.apache.kafka.clients
logger.org-apache-kafka-clients.level = warn
`;

/** The last 80 lines, out of at most 64 KiB. */
export function tail(file: string): string {
  let handle: number;
  try {
    handle = openSync(file, "r");
  } catch {
    return "(no log)";
  }
  try {
    const size = fstatSync(handle).size;
    const bytes = Buffer.alloc(Math.min(size, 64 * 1024));
    readSync(handle, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString("utf8").trimEnd().split("\n").slice(-80).join("\n");
  } finally {
    closeSync(handle);
  }
}
