import { describe } from "vitest";
import * as debug from "../../src/debug/index.ts";
import * as api from "../../src/index.ts";
import { loose, testRefusals } from "../support/refusals.ts";

// Debugging tools: what they refuse, and what they say to write instead.

const T = loose(api);
const D = loose(debug);
const x22 = api.ones([2, 2]);
const m = () => new T.Linear(2, 3);
const w = () => api.tensor([1, 2], { requiresGrad: true });

describe("debugging tools", () => {
  testRefusals([
    [() => D.toDot(m()), "DTypeError", "toDot: the root must be a tensor, got a Linear"],
    [() => D.toMermaid(m()), "DTypeError", "toMermaid: the root must be a tensor, got a Linear"],
    [() => D.why(m(), w()), "DTypeError", "why: the parameter must be a tensor, got a Linear"],
    [() => D.why(w(), m()), "DTypeError", "why: the loss must be a tensor, got a Linear"],
    [
      () => D.detectAnomaly(m()),
      "ValueError",
      "detectAnomaly: fn must be a function, got a Linear; write detectAnomaly(() => …, { model })",
    ],
    [
      () => D.detectAnomaly(),
      "ValueError",
      "detectAnomaly: fn must be a function, got undefined; write detectAnomaly(() => …, { model })",
    ],
    [
      () => D.detectAnomaly(() => 1, m()),
      "ValueError",
      "detectAnomaly: options must be an object, got a Linear; write { model, infinities } with those that you need",
    ],
    [
      () => D.detectAnomaly(() => 1, { modle: m() }),
      "ValueError",
      "detectAnomaly: there is no such option, got modle; did you mean model?",
    ],
    [
      () => D.detectAnomaly(() => 1, { model: T.Linear }),
      "ValueError",
      "detectAnomaly: needs a layer, got the class Linear; write new Linear(…)",
    ],
    [
      () => D.explain(w().sum(), m()),
      "ValueError",
      "explain: options must be an object, got a Linear; write { names: … }",
    ],
    [
      () => D.explain(w().sum(), { name: m() }),
      "ValueError",
      "explain: there is no such option, got name; did you mean names?",
    ],
    [
      () => D.explain(w().sum(), { names: 5 }),
      "ValueError",
      "explain: names must be a model, or tensors by name, got 5; write { names: { w } }",
    ],
    [
      () => D.explain(w().sum(), { names: m().namedParameters() }),
      "ValueError",
      "explain: names must be a model, or tensors by name, got a Map; write { names: { w } }",
    ],
    [
      () => D.explain(w().sum(), { names: { w: 5 } }),
      "ValueError",
      "explain: names must be a model, or tensors by name, got 5 for w; write { names: { w } }",
    ],
    [() => D.explain(), "DTypeError", "explain: the loss must be a tensor, got undefined"],
    [() => D.toDot(x22, true), "ValueError", "toDot: options must be an object, got true; write { values: true }"],
    [() => D.toDot(x22, { limit: "5" }), "ValueError", 'toDot: limit must be a number, got "5", a string'],
    [
      () => D.toMermaid(x22, { vlaues: true }),
      "ValueError",
      "toMermaid: there is no such option, got vlaues; did you mean values?",
    ],
    [() => D.toDot(), "DTypeError", "toDot: the root must be a tensor, got undefined"],
    [() => D.why(x22), "DTypeError", "why: the loss must be a tensor, got undefined"],
    [() => D.why(), "DTypeError", "why: the parameter must be a tensor, got undefined"],
    [
      () => D.residuals(m()),
      "ValueError",
      "residuals: lossOf must be a function, got undefined; write residuals(model, () => loss)",
    ],
    [
      () => D.residuals(m(), w().sum()),
      "ValueError",
      "residuals: lossOf must be a function, got a tensor float32[]; write residuals(model, () => loss)",
    ],
    [() => D.residuals(5), "ValueError", "residuals: needs a layer, got 5"],
    [
      () => D.residuals(m(), () => 5),
      "DTypeError",
      "residuals: the loss must be a tensor, got 5; wrap values in tensor(…)",
    ],
  ]);
});
