import { describe } from "vitest";
import * as api from "../../src/index.ts";
import { loose, proxied, testRefusals } from "../support/refusals.ts";

// Schedules: what they refuse, and what they say to write instead.

const T = loose(api);
const w = () => api.tensor([1, 2], { requiresGrad: true });

describe("schedules", () => {
  testRefusals([
    [
      () => T.cosine(new T.Adam([w()]), 100),
      "ValueError",
      "cosine: steps must be a whole number, 1 or more, got an Adam; write new Schedule(optimizer, cosine(100))",
    ],
    [
      () => T.cosine(10, { etaMin: 0.1 }),
      "ValueError",
      "cosine: end must be a finite number, 0 or more, got an object; pass the number itself: 0.1",
    ],
    [
      () => new T.Schedule(new T.Adam([w()]), api.cosine),
      "ValueError",
      "Schedule: curve must be a function of the step, got cosine itself; write cosine(…)",
    ],
    [
      () => new T.Schedule(new T.Adam([w()]), api.exponential),
      "ValueError",
      "Schedule: curve must be a function of the step, got exponential itself; write exponential(…)",
    ],
    [() => T.freeze(Promise.resolve(3)), "ValueError", "freeze: needs a layer, got a promise; await it"],
    [
      () => {
        const optimizer = new api.SGD([w()], { lr: 0.1 });
        const first = new api.Schedule(optimizer, api.linearWarmup(3));
        new api.Schedule(optimizer, api.cosine(3)).step();
        first.step();
      },
      "ValueError",
      "Schedule.step: one schedule moves an optimizer, got a newer one for the same rates; make one of both: new Schedule(optimizer, chained(…)) of both curves, or sequential(…)",
    ],
    [
      () => new T.Schedule(new T.Adam([w()])),
      "ValueError",
      "Schedule: curve must be a function, got undefined; write new Schedule(optimizer, cosine(100))",
    ],
    [
      () => new T.Schedule(T.cosine(10), new T.Adam([w()])),
      "ValueError",
      "Schedule: needs an optimizer, got a function; write new Schedule(optimizer, curve)",
    ],
    [
      () => new T.Schedule(new T.Adam([w()]), 10),
      "ValueError",
      "Schedule: curve must be a function, got 10; write new Schedule(optimizer, cosine(100))",
    ],
    [
      () => new T.Schedule(),
      "ValueError",
      "Schedule: needs an optimizer, got undefined; write new Schedule(optimizer, curve)",
    ],
    [
      () => new T.Schedule(proxied(new T.Adam([w()])), T.cosine(3)),
      "ValueError",
      "Adam: must be called on the object itself, got a Proxy around it; keep it outside of reactive state (markRaw, shallowRef, $state.raw)",
    ],
    [
      () => new T.ReduceOnPlateau(),
      "ValueError",
      "ReduceOnPlateau: needs an optimizer, got undefined; write new ReduceOnPlateau(optimizer, { … })",
    ],
    [
      () => new T.ReduceOnPlateau(new T.Adam([w()]), "min"),
      "ValueError",
      'ReduceOnPlateau: options must be an object, got "min", a string; write { mode: "min" }',
    ],
    [
      () => new T.ReduceOnPlateau(new T.Adam([w()]), { patience: "3" }),
      "ValueError",
      'ReduceOnPlateau: patience must be a number, got "3", a string',
    ],
    [
      () => new T.ReduceOnPlateau(new T.Adam([w()]), { min_lr: 1, gamma: 2 }),
      "ValueError",
      "ReduceOnPlateau: there is no such option, got min_lr; did you mean minLr?",
    ],
    [
      () => new T.ReduceOnPlateau(new T.Adam([w()])).step(),
      "ValueError",
      "ReduceOnPlateau.step: needs the metric, got undefined; write step(loss), a number or a tensor with one element",
    ],
    [
      () => new T.ReduceOnPlateau(new T.Adam([w()])).step("0.5"),
      "ValueError",
      'ReduceOnPlateau.step: needs the metric, got "0.5", a string; write step(loss), a number or a tensor with one element',
    ],
    [
      () => new T.ReduceOnPlateau(new T.Adam([w()])).step(Promise.resolve(1)),
      "ValueError",
      "ReduceOnPlateau.step: needs the metric, got a promise; write step(loss), a number or a tensor with one element",
    ],
  ]);
});

describe("curves", () => {
  testRefusals([
    [
      () => T.cosine("95"),
      "ValueError",
      'cosine: steps must be a whole number, 1 or more, got "95", a string; pass the number itself: 95',
    ],
    [() => T.cosine(), "ValueError", "cosine: steps must be a whole number, 1 or more, got undefined"],
    [
      () => T.cosine(10, { end: 1 }),
      "ValueError",
      "cosine: end must be a finite number, 0 or more, got an object; pass the number itself: 1",
    ],
    [() => T.stepDecay(0), "ValueError", "stepDecay: every must be a whole number, 1 or more, got 0"],
    [() => T.multiStep(30), "ValueError", "multiStep: milestones must be an array, got 30; write multiStep([30])"],
    [
      () => T.multiStep(["30"]),
      "ValueError",
      'multiStep: milestones must be a whole number, 0 or more, got "30", a string; pass the number itself: 30',
    ],
    [() => T.exponential(), "ValueError", "exponential: gamma must be a finite number, 0 or more, got undefined"],
    [() => T.chained(5), "ValueError", "chained: curve 0 must be a function, got 5"],
    [
      () => T.sequential(T.cosine(3)),
      "ValueError",
      "sequential: part 0 must be an array, got a function; write sequential([linearWarmup(10), 10], [cosine(90)])",
    ],
    [
      () => T.sequential([5]),
      "ValueError",
      "sequential: curve 0 must be a function, got 5; write sequential([linearWarmup(10), 10], [cosine(90)])",
    ],
    [() => T.oneCycle(100, 0.3), "ValueError", "oneCycle: options must be an object, got 0.3; write { warmup: 0.3 }"],
    [
      () => T.oneCycle(100, { pct_start: 0.3 }),
      "ValueError",
      "oneCycle: there is no such option, got pct_start; did you mean warmup?",
    ],
    [() => T.oneCycle(100, { warmup: 3 }), "ValueError", "oneCycle: warmup must be from 0 to 1, got 3"],
    [
      () => T.linearWarmup("5"),
      "ValueError",
      'linearWarmup: steps must be a whole number, 1 or more, got "5", a string; pass the number itself: 5',
    ],
    [
      () => T.polynomial(5, "2"),
      "ValueError",
      'polynomial: power must be a finite number, 0 or more, got "2", a string; pass the number itself: 2',
    ],
  ]);
});
