import * as api from "../../src/index.ts";
import { tensor, zeros } from "../../src/index.ts";
import { loose, testRefusals } from "../support/refusals.ts";

// The optimizers' rules, which are pure functions: what they refuse, and what they say to write instead.

const T = loose(api);
const p = tensor([1, 2]);
const g = tensor([3, 4]);
const adam = { lr: tensor(0.5), betas: [0.9, 0.99], eps: 1e-8, weightDecay: 0, amsgrad: false };
const start = { mean: zeros([2]), square: zeros([2]), step: zeros([]) };
const sgd = { lr: tensor(0.5), momentum: 0, dampening: 0, weightDecay: 0, nesterov: false };
const rmsprop = { lr: tensor(0.5), alpha: 0, eps: 0, weightDecay: 0, momentum: 0, centered: false };

testRefusals([
  [
    () => T.adamRule([1, 2], g, start, adam),
    "DTypeError",
    "adamRule: p must be a tensor, got an array; wrap values in tensor(…)",
  ],
  [
    () => T.adamRule(tensor([1, 2], { dtype: "int32" }), g, start, adam),
    "DTypeError",
    "adamRule: p must be floating, got int32[2]",
  ],
  // It would broadcast.
  [
    () => T.sgdRule(p, tensor([[3], [4]]), {}, sgd),
    "ShapeError",
    "sgdRule: g must have the shape and dtype of p, got float32[2, 1] for float32[2]",
  ],
  [
    () => T.adamRule(p, g, { mean: zeros([2]), step: zeros([]) }, adam),
    "DTypeError",
    "adamRule: state.square must be a tensor, got undefined",
  ],
  [
    () => T.adamRule(p, g, { ...start, mean: zeros([]) }, adam),
    "ShapeError",
    "adamRule: state.mean must have the shape and dtype of p, got float32[] for float32[2]",
  ],
  [
    () => T.adamRule(p, g, { ...start, step: zeros([1]) }, adam),
    "ShapeError",
    "adamRule: state.step must be a floating scalar, got float32[1]",
  ],
  [
    () => T.adamRule(p, g, { ...start, squares: zeros([2]) }, adam),
    "ValueError",
    "adamRule: there is no such state, got squares; did you mean square?",
  ],
  [
    () => T.lionRule(p, g, null, { ...sgd }),
    "ValueError",
    "lionRule: there is no such option, got momentum; there are lr, betas, weightDecay",
  ],
  [
    () => T.lionRule(p, g, null, { lr: tensor(0.5), betas: [0, 0], weightDecay: 0 }),
    "ValueError",
    "lionRule: state must be an object of tensors, got null; write { mean }",
  ],
  [
    () => T.adamRule(p, g, start, { ...adam, lr: 0.5 }),
    "DTypeError",
    "adamRule: lr must be a tensor, got 0.5; wrap values in tensor(…)",
  ],
  [
    () => T.adamRule(p, g, start, 0.5),
    "ValueError",
    "adamRule: settings must be an object, got 0.5; write { lr, betas, eps, weightDecay, amsgrad, decoupled }",
  ],
  [
    () => T.adamRule(p, g, start, { ...adam, eps: undefined }),
    "ValueError",
    "adamRule: eps must be a finite number, 0 or more, got undefined; write { eps: 0.01 }",
  ],
  [
    () => T.adamRule(p, g, start, { ...adam, betas: [0.9] }),
    "ValueError",
    "adamRule: betas must be two numbers from 0 to below 1, got [0.9]; write { betas: [0.9, 0.999] }",
  ],
  [
    () => T.adamRule(p, g, start, { ...adam, decouple: true }),
    "ValueError",
    "adamRule: there is no such option, got decouple; did you mean decoupled?",
  ],
  // What these settings ask for was left out in silence.
  [
    () => T.adamRule(p, g, start, { ...adam, amsgrad: true }),
    "DTypeError",
    "adamRule: state.largest must be a tensor, got undefined",
  ],
  [
    () => T.sgdRule(p, g, {}, { ...sgd, momentum: 0.9 }),
    "DTypeError",
    "sgdRule: state.velocity must be a tensor, got undefined",
  ],
  [
    () => T.sgdRule(p, g, { velocity: zeros([2]) }, { ...sgd, momentum: 0.9, dampening: 0.1 }),
    "DTypeError",
    "sgdRule: state.step must be a tensor, got undefined",
  ],
  [
    () => T.rmspropRule(p, g, { square: zeros([2]) }, { ...rmsprop, centered: true }),
    "DTypeError",
    "rmspropRule: state.mean must be a tensor, got undefined",
  ],
  [
    () => T.rmspropRule(p, g, { square: zeros([2]) }, { ...rmsprop, alpha: 2 }),
    "ValueError",
    "rmspropRule: alpha must be from 0 to 1, got 2",
  ],
]);
