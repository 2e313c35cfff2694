import { afterEach, expect, test, vi } from "vitest";
import { Pauses } from "../../src/train/pause.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

test.each([
  ["as it is", []],
  ["without setImmediate, as in pages", ["setImmediate"]],
  ["without setImmediate and MessageChannel, as in jsdom", ["setImmediate", "MessageChannel"]],
])("fit lets other work run on a platform %s", async (_, missing) => {
  for (const name of missing) vi.stubGlobal(name, undefined);
  let now = 0;
  vi.stubGlobal("performance", { now: () => now });
  const pauses = new Pauses();
  expect(pauses.due()).toBeUndefined();
  now = 20;
  let others = 0;
  setTimeout(() => others++, 0);
  for (let i = 0; i < 200 && others === 0; i++) {
    const pause = pauses.due();
    expect(pause).toBeInstanceOf(Promise);
    await pause;
    now += 20;
  }
  expect(others).toBe(1);
});
