// @ts-check
// The greatest integers of a header and of a count.

export const MAX = "9007199254740991";

export const I31 = 2_147_483_647;
