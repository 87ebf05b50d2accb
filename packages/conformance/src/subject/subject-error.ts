/**
 * How a subject broke the protocol on stdio. None of these is a verdict about Kafka: the harness
 * cannot go on, and says which message, where it came from and what to look at.
 *
 * - `spawn`: the command could not be started
 * - `garbage`: standard output carried something that is not JSON
 * - `invalid`: JSON, but not a message of the protocol
 * - `too-long`: a line above 1 MiB
 * - `too-many`: more lines than anybody could have a reason for
 * - `version`: the subject speaks another protocol version
 * - `silent`: no answer within the deadline
 * - `died`: it exited while an answer was due
 * - `not-reading`: it does not read its standard input
 * - `refused`: it answered a command with an error
 */
export type SubjectErrorCode =
  | "spawn"
  | "garbage"
  | "invalid"
  | "too-long"
  | "too-many"
  | "version"
  | "silent"
  | "died"
  | "not-reading"
  | "refused";

export class SubjectError extends Error {
  override readonly name = "SubjectError";
  readonly code: SubjectErrorCode;
  readonly member: string;

  constructor(code: SubjectErrorCode, member: string, message: string) {
    super(`subject ${member}: ${message}`);
    this.code = code;
    this.member = member;
  }
}

/** At most `limit` characters of what a subject wrote, on one line, for an error message. */
export function excerpt(text: string, limit = 160): string {
  const line = JSON.stringify(text).slice(1, -1);
  return line.length <= limit ? line : `${line.slice(0, limit)}… (${text.length} characters)`;
}
