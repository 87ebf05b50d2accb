// @ts-check
// The vectors of section 11.
import { deadLetterRead } from "./dead-letter-read.mjs";

export const files = [{ name: "dead_letter_read", build: deadLetterRead }];
