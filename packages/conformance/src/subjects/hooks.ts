const trueNow = Date.now.bind(Date);
let offsetMs = 0;

/** Computes for so long: timers, sockets and callbacks of this process wait. */
export function stall(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

/** From now on the wall clock of this process differs so much from the machine's, in milliseconds. */
export function shiftClock(by: number): void {
  offsetMs = by;
  Date.now = () => trueNow() + offsetMs;
  globalThis.Date = ShiftedDate as DateConstructor;
}

const TrueDate = Date;
const ShiftedDate: unknown = new Proxy(TrueDate, {
  construct: (target, args: [], newTarget: new () => Date) =>
    Reflect.construct(target, args.length === 0 ? [trueNow() + offsetMs] : args, newTarget) as Date,
});
