// @ts-check
// Values that several files need.

export const MAX = "9007199254740991";

export const I31 = 2_147_483_647;

export const HISTORY = '[{"n":5,"at":"1700000009000","k":"timeout"}]';
