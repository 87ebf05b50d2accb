// @ts-check

/**
 * Each limit with whether it is met. One whose figure is not there is left out.
 * @param {readonly import("./area.ts").Goal[]} goals
 * @param {{ value?: import("./figures.mjs").Series | undefined, ratio?: import("./figures.mjs").Series | undefined,
 *   gcShare?: number | undefined }} figures
 */
export function judged(goals, { value, ratio, gcShare }) {
  const found = { value: value?.median, ratio: ratio?.median, gcShare };
  return goals.flatMap((goal) => {
    const figure = found[goal.of];
    if (figure === undefined || Number.isNaN(figure)) return [];
    const met = figure <= (goal.atMost ?? Infinity) && figure >= (goal.atLeast ?? -Infinity);
    return [{ ...goal, met }];
  });
}

/** @param {import("./area.ts").Goal & { met: boolean }} goal */
export function words({ of, atMost, atLeast, met }) {
  const limit = atMost === undefined ? `≥ ${atLeast}` : `≤ ${atMost}`;
  const what = { ratio: "", value: "figure ", gcShare: "gc " }[of];
  return `${met ? "met" : "NOT MET"} (${what}${limit})`;
}
