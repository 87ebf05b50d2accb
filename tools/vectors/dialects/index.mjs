// @ts-check
/** @type {readonly { name: string, build: () => import("../vector-file.mjs").Draft }[]} */
export const files = [];
