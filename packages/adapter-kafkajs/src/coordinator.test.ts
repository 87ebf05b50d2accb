import { expect, it } from "vitest";
import { Coordinator, NoAnswer } from "./coordinator.ts";
import type { Broker } from "./internals.ts";

const LIMIT_MS = 60_000;

it("sends again after a lost connection", async () => {
  const { sent, broker } = fakeBroker();
  const answer = new Coordinator(() => Promise.resolve(broker), LIMIT_MS).send(...heartbeat());
  (await sent(1)).reject(new Error("reset"));
  (await sent(2)).resolve({ errorCode: 0 });
  expect(await answer).toEqual({ errorCode: 0 });
});

it("sends nothing again once the signal has fired", async () => {
  const { sent, broker, count } = fakeBroker();
  const overtaken = new AbortController();
  const answer = new Coordinator(() => Promise.resolve(broker), LIMIT_MS).send(
    ...heartbeat(),
    overtaken.signal,
  );
  const first = await sent(1);
  overtaken.abort();
  first.reject(new Error("reset"));
  const error: unknown = await answer.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(NoAnswer);
  expect(error).toMatchObject({ mayHaveArrived: true });
  expect(count()).toBe(1);
});

it("sends nothing when the signal fires while the coordinator is looked for", async () => {
  const { broker, count } = fakeBroker();
  let found: (broker: Broker) => void = () => {};
  const finding = new Promise<Broker>((resolve) => (found = resolve));
  const overtaken = new AbortController();
  const answer = new Coordinator(() => finding, LIMIT_MS).send(...heartbeat(), overtaken.signal);
  overtaken.abort();
  found(broker);
  await expect(answer).rejects.toMatchObject({ mayHaveArrived: false });
  expect(count()).toBe(0);
});

it("still takes the answer to what was sent before the signal", async () => {
  const { sent, broker } = fakeBroker();
  const overtaken = new AbortController();
  const answer = new Coordinator(() => Promise.resolve(broker), LIMIT_MS).send(
    ...heartbeat(),
    overtaken.signal,
  );
  const first = await sent(1);
  overtaken.abort();
  first.resolve({ errorCode: 0 });
  expect(await answer).toEqual({ errorCode: 0 });
});

function heartbeat(): [
  "Heartbeat",
  object,
  (answer: { readonly errorCode: number }) => number,
  number,
] {
  return ["Heartbeat", {}, ({ errorCode }) => errorCode, LIMIT_MS];
}

interface Request {
  resolve(response: object): void;
  reject(error: Error): void;
}

/** Only what a request needs of it. */
function fakeBroker(): {
  readonly broker: Broker;
  readonly count: () => number;
  readonly sent: (n: number) => Promise<Request>;
} {
  const requests: Request[] = [];
  const broker = {
    versions: {},
    lookupRequest: () => () => ({}),
    connectionPool: {
      host: "fake",
      port: 9092,
      send: () =>
        new Promise<object>((resolve, reject) => {
          requests.push({ resolve, reject });
        }),
    },
  } as unknown as Broker;
  return {
    broker,
    count: () => requests.length,
    sent: (n) =>
      expect
        .poll(() => requests.length)
        .toBe(n)
        .then(() => requests[n - 1] as Request),
  };
}
