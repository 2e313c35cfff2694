import { describe } from "vitest";
import * as api from "../../src/index.ts";
import { loose, proxied, testRefusals } from "../support/refusals.ts";

// Optimizers and what goes with them: what they refuse, and what they say to write instead.

const T = loose(api);
const m = () => new T.Linear(2, 3);
const w = () => api.tensor([1, 2], { requiresGrad: true });

describe("optimizers", () => {
  testRefusals([
    [
      () => new T.Adam(m(), { lr: 0.1 }),
      "ValueError",
      "Adam: parameters must be distinct leaves with requiresGrad, got a Linear; pass model.parameters()",
    ],
    [
      () => new T.SGD(m()),
      "ValueError",
      "SGD: parameters must be distinct leaves with requiresGrad, got a Linear; pass model.parameters()",
    ],
    [
      () => new T.SGD([w()]),
      "ValueError",
      "SGD: lr must be a finite number, 0 or more, got undefined; write { lr: 0.01 }",
    ],
    [() => new T.SGD([w()], 0.1), "ValueError", "SGD: options must be an object, got 0.1; write { lr: 0.1 }"],
    [() => new T.Adam([w()], 0.5), "ValueError", "Adam: options must be an object, got 0.5; write { lr: 0.5 }"],
    [
      () => new T.Adam({ lr: 0.1 }),
      "ValueError",
      "Adam: parameters must be distinct leaves with requiresGrad, got an object; write new Adam(model.parameters(), { … })",
    ],
    [
      () => new T.Adam(),
      "ValueError",
      "Adam: parameters must be distinct leaves with requiresGrad, got undefined; pass model.parameters()",
    ],
    [
      () => new T.Adam([]),
      "ValueError",
      "Adam: parameters must be distinct leaves with requiresGrad, got an empty array; all parameters are frozen, or the model has none: unfreeze(model)",
    ],
    [
      () => {
        const frozen = new api.Linear(2, 3);
        api.freeze(frozen);
        return new api.SGD(frozen.parameters(), { lr: 0.1 });
      },
      "ValueError",
      "SGD: parameters must be distinct leaves with requiresGrad, got an empty array; all parameters are frozen, or the model has none: unfreeze(model)",
    ],
    [
      () => new T.Adam(w()),
      "ValueError",
      "Adam: parameters must be distinct leaves with requiresGrad, got a tensor float32[2]; write [ … ] around it",
    ],
    [
      () => new T.Adam([m().parameters()]),
      "ValueError",
      "Adam: parameters must be distinct leaves with requiresGrad, got an array; put all in one list: [...a.parameters(), ...b.parameters()]",
    ],
    [
      () => new T.Adam([m()]),
      "ValueError",
      "Adam: parameters must be distinct leaves with requiresGrad, got a Linear; pass model.parameters()",
    ],
    [
      () => new T.Adam(m().parameters),
      "ValueError",
      "Adam: parameters must be distinct leaves with requiresGrad, got a function; pass model.parameters()",
    ],
    [
      () => new T.Adam(m().namedParameters()),
      "ValueError",
      "Adam: parameters must be distinct leaves with requiresGrad, got a Map; pass model.parameters()",
    ],
    [
      () => new T.Adam(m().namedParameters().values()),
      "ValueError",
      "Adam: parameters must be distinct leaves with requiresGrad, got an object; pass model.parameters()",
    ],
    [
      () => new T.Adam([T.zeros([2])]),
      "ValueError",
      "Adam: parameters must be distinct leaves with requiresGrad, got a tensor float32[2]; set its requiresGrad to true",
    ],
    [
      () => new T.Adam([w().mul(2)]),
      "ValueError",
      "Adam: parameters must be distinct leaves with requiresGrad, got a tensor float32[2]; pass the leaves that mul made it from",
    ],
    [
      () => new T.Adam({ params: [w()] }),
      "ValueError",
      "Adam: parameters must be distinct leaves with requiresGrad, got an object; write [ … ] around groups, and nothing else",
    ],
    [
      () => new T.Adam([proxied(w())]),
      "ValueError",
      "Adam: parameters must be distinct leaves with requiresGrad, got a Proxy or copy of a tensor, or a tensor of another version of the package; keep it outside of reactive state (markRaw, shallowRef, $state.raw)",
    ],
    [
      () => new T.Adam([structuredClone({ shape: [1], dtype: "float32" })]),
      "ValueError",
      "Adam: parameters must be distinct leaves with requiresGrad, got what postMessage, structuredClone or JSON left of a tensor (send its data and shape); pass model.parameters()",
    ],
    [
      () => new T.Adam([[1, 2]]),
      "ValueError",
      "Adam: parameters must be distinct leaves with requiresGrad, got an array; put all in one list: [...a.parameters(), ...b.parameters()]",
    ],
    [
      () => new T.Adam([w()], { learning_rate: 0.1 }),
      "ValueError",
      "Adam: there is no such option, got learning_rate; did you mean lr?",
    ],
    [
      () => new T.Adam([w()], { learningRate: 0.1 }),
      "ValueError",
      "Adam: there is no such option, got learningRate; did you mean lr?",
    ],
    [
      () => new T.Adam([w()], { weight_decay: 0.1 }),
      "ValueError",
      "Adam: there is no such option, got weight_decay; did you mean weightDecay?",
    ],
    [
      () => new T.Adam([w()], { beta1: 0.9 }),
      "ValueError",
      "Adam: there is no such option, got beta1; did you mean betas?",
    ],
    [
      () => new T.Adam([w()], { beta_1: 0.9 }),
      "ValueError",
      "Adam: there is no such option, got beta_1; did you mean betas?",
    ],
    [
      () => new T.Adam([w()], { betas: 0.9 }),
      "ValueError",
      "Adam: betas must be two numbers from 0 to below 1, got 0.9; write { betas: [0.9, 0.999] }",
    ],
    [() => new T.Adam([w()], { lr: "0.1" }), "ValueError", 'Adam: lr must be a number, got "0.1", a string'],
    [() => new T.Adam([w()], { lr: -1 }), "ValueError", "Adam: lr must be a finite number, 0 or more, got -1"],
    [() => new T.Adam([w()], { lr: null }), "ValueError", "Adam: lr must be a number, got null"],
    [
      () => new T.Adam([w()], { epsilon: 1e-8 }),
      "ValueError",
      "Adam: there is no such option, got epsilon; did you mean eps?",
    ],
    [
      () => new T.Adam([w()], { amsgrad: 1 }),
      "ValueError",
      "Adam: amsgrad must be a boolean, got 1; write true or false",
    ],
    [
      () => new T.Adam([w()], "0.1"),
      "ValueError",
      'Adam: options must be an object, got "0.1", a string; write { lr, betas, eps, weightDecay, amsgrad } with those that you need',
    ],
    [
      () => new T.Adam([w()], [0.1]),
      "ValueError",
      "Adam: options must be an object, got an array; write { lr, betas, eps, weightDecay, amsgrad } with those that you need",
    ],
    [
      () => new T.Adam([w()], new Map([["lr", 0.1]])),
      "ValueError",
      "Adam: options must be an object, got a Map; write { lr, betas, eps, weightDecay, amsgrad } with those that you need",
    ],
    [
      () => new T.Adam([w()], { momentum: 0.9 }),
      "ValueError",
      "Adam: there is no such option, got momentum; there are lr, betas, eps, weightDecay, amsgrad",
    ],
    [
      () => new T.Adam([w()], { toString: 1 }),
      "ValueError",
      "Adam: there is no such option, got toString; there are lr, betas, eps, weightDecay, amsgrad",
    ],
    [
      () => new T.Adam([{ params: [w()], learning_rate: 1 }]),
      "ValueError",
      "Adam: there is no such option, got learning_rate; did you mean lr?",
    ],
    [
      () => new T.Adam([{ params: w() }]),
      "ValueError",
      "Adam: parameters must be distinct leaves with requiresGrad, got a tensor float32[2]; write [ … ] around it",
    ],
    [
      () => new T.SGD([w()], { lr: 0.1, nesterov: true }),
      "ValueError",
      "SGD: nesterov needs momentum and no dampening, got 0 and 0; write { momentum: 0.9, nesterov: true }",
    ],
    [
      () => new T.SGD([w()], { lr: 0.1, maximize: true }),
      "ValueError",
      "SGD: there is no such option, got maximize; negate the loss",
    ],
    [
      () => new T.AdamW([w()], T.tensor(0.1)),
      "ValueError",
      "AdamW: options must be an object, got a tensor float32[]; write { lr, betas, eps, weightDecay, amsgrad } with those that you need",
    ],
    [
      () => new T.LBFGS(m()),
      "ValueError",
      "LBFGS: parameters must be distinct leaves with requiresGrad, got a Linear; pass model.parameters()",
    ],
    [() => new T.LBFGS([w()], 0.1), "ValueError", "LBFGS: options must be an object, got 0.1; write { lr: 0.1 }"],
    [
      () => new T.LBFGS([w()], { max_iter: 5 }),
      "ValueError",
      "LBFGS: there is no such option, got max_iter; did you mean maxIterations?",
    ],
    [
      () => new T.LBFGS([w()], { lineSearch: "wolfe" }),
      "ValueError",
      'LBFGS: lineSearch must be "strongWolfe" or null, got "wolfe", a string; did you mean "strongWolfe"?',
    ],
    [
      () => new T.LBFGS([w()]).step(),
      "ValueError",
      "LBFGS.step: the closure must be a function, got undefined; write step(() => { …; return loss; })",
    ],
    [() => new T.LBFGS([w()]).step(() => 5), "ValueError", "LBFGS.step: the closure must return the loss, got 5"],
  ]);
});

describe("clipping", () => {
  testRefusals([
    [
      () => T.clipGradNorm([w()], { maxNorm: 1 }),
      "ValueError",
      "clipGradNorm: maxNorm must be a number, 0 or more, got an object; write clipGradNorm(parameters, 1)",
    ],
    [
      () => T.clipGradNorm([w()]),
      "ValueError",
      "clipGradNorm: maxNorm must be a number, 0 or more, got undefined; write clipGradNorm(parameters, 1)",
    ],
    [
      () => T.clipGradNorm(m(), 1),
      "ValueError",
      "clipGradNorm: needs a list of parameters, got a Linear; pass model.parameters()",
    ],
    [() => T.clipGradNorm([w()], 1, 2), "ValueError", "clipGradNorm: options must be an object, got 2; write { p: 2 }"],
    [
      () => T.clipGradNorm([w()], 1, { norm_type: 2 }),
      "ValueError",
      "clipGradNorm: there is no such option, got norm_type; did you mean p?",
    ],
    [
      () => T.clipGradNorm(1, [w()]),
      "ValueError",
      "clipGradNorm: needs a list of parameters, got 1; pass model.parameters()",
    ],
    [
      () => T.clipGradValue([w()], "1"),
      "ValueError",
      'clipGradValue: limit must be a number, 0 or more, got "1", a string; write clipGradValue(parameters, 1)',
    ],
    [
      () => T.clipGradValue(m(), 1),
      "ValueError",
      "clipGradValue: needs a list of parameters, got a Linear; pass model.parameters()",
    ],
    [
      () => T.checkFiniteGrads(m()),
      "ValueError",
      "checkFiniteGrads: needs a list of parameters, got a Linear; pass model.parameters()",
    ],
    [() => T.clipGradNorm([w()], 1, { p: "2" }), "ValueError", 'clipGradNorm: p must be a number, got "2", a string'],
  ]);
});

describe("EMA", () => {
  testRefusals([
    [() => new T.EMA(m(), 0.9), "ValueError", "EMA: options must be an object, got 0.9; write { decay: 0.9 }"],
    [() => new T.EMA(m().parameters()), "ValueError", "EMA: needs a layer, got an array; pass the model itself"],
    [() => new T.EMA(m(), { decy: 0.9 }), "ValueError", "EMA: there is no such option, got decy; did you mean decay?"],
    [() => new T.EMA(m(), { decay: "0.9" }), "ValueError", 'EMA: decay must be a number, got "0.9", a string'],
    [() => new T.EMA(), "ValueError", "EMA: needs a layer, got undefined"],
    [() => new T.EMA(T.Linear), "ValueError", "EMA: needs a layer, got the class Linear; write new Linear(…)"],
    [() => new T.EMA(m()).use(5), "ValueError", "EMA.use: fn must be a function, got 5"],
    [() => new T.EMA(m()).use(), "ValueError", "EMA.use: fn must be a function, got undefined"],
    [
      () => new T.EMA(proxied(m())),
      "ValueError",
      "EMA: needs a layer, got a Linear; a Proxy around a layer is none: keep it outside of reactive state (markRaw, shallowRef, $state.raw)",
    ],
  ]);
});
