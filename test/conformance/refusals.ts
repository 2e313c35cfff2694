import { gradcheck } from "../../src/gradcheck/index.ts";
import * as tg from "../../src/index.ts";
import type { Pending } from "./patterns.ts";

/** What becomes here of a call that PyTorch refuses. */
export type Refusal =
  | { readonly call: () => unknown; readonly error: new (...args: never[]) => Error; readonly text: string }
  /** A call that is right here: why, and what it gives. */
  | { readonly works: string; readonly call: () => unknown; readonly gives: unknown }
  | Pending;

const f64 = { dtype: "float64" } as const;
const T = (data: tg.NestedArray): tg.Tensor => tg.tensor(data, f64);
const leaf = (data: tg.NestedArray): tg.Tensor => tg.tensor(data, { ...f64, requiresGrad: true });
const classes = (data: number[]): tg.Tensor => tg.tensor(Int32Array.from(data));

/** By the id of the error case. */
export const refusals: Readonly<Record<string, Refusal>> = {
  backward_nonscalar: {
    call: () => leaf([1, 2]).mul(2).backward(),
    error: tg.GradError,
    text: "backward: must have one element, got float64[2]",
  },
  backward_no_grad: {
    call: () => T([1, 2]).sum().backward(),
    error: tg.GradError,
    text: "backward: the root has no gradient",
  },
  backward_twice: {
    works: "nothing is freed by a backward pass, so a second one adds up as after retain_graph=True",
    call: () => {
      const x = leaf([1]);
      const y = x.mul(x).sum();
      y.backward();
      y.backward();
      return x.grad?.toArray();
    },
    gives: [4],
  },
  backward_twice_retain: {
    works: "gradients add up",
    call: () => {
      const x = leaf([3]);
      const y = x.mul(x).sum();
      y.backward();
      y.backward();
      y.backward();
      return x.grad?.toArray();
    },
    gives: [18],
  },
  inplace_saved_data: {
    works: "`data` is a copy: writing to it cannot make a gradient wrong",
    call: () => {
      const [w, a] = [leaf([2]), T([3])];
      const y = w.mul(a).sum();
      a.data[0]! += 1;
      y.backward();
      return w.grad?.toArray();
    },
    gives: [3],
  },
  inplace_param_step_between: {
    call: () => {
      const w = leaf([2]);
      const y = w.mul(w).sum();
      tg.noGrad(() => w.assign(w.sub(0.1)));
      y.backward();
    },
    error: tg.GradError,
    text: "mul (backward): a value that it needs was overwritten",
  },
  grad_unused: {
    call: () => tg.gradients(leaf([1]).mul(2).sum(), [leaf([1])]),
    error: tg.GradError,
    text: "gradients: the outputs do not depend on an input, got input 0 of shape [1]; pass allowUnused: true",
  },
  shape_mismatch_add: {
    call: () => T([1, 2]).add(T([1, 2, 3])),
    error: tg.ShapeError,
    text: "add: shapes must broadcast, got [2] and [3]",
  },
  reshape_bad: {
    call: () => T([1, 2, 3]).reshape([2, 2]),
    error: tg.ShapeError,
    text: "reshape: the number of elements must stay the same, got [3] to [2, 2]",
  },
  reshape_zero_neg: {
    call: () => T([]).reshape([0, -1]),
    error: tg.ShapeError,
    text: "reshape: -1 is ambiguous beside a size of 0, got [0] to [0, -1]",
  },
  index_oob: {
    call: () => tg.slice(T([1, 2]), 2),
    error: tg.IndexError,
    text: "slice: index must be an integer from -2 to 1 on axis 0, got 2",
  },
  gather_oob: {
    call: () => tg.gather(T([1, 2]), 0, classes([5])),
    error: tg.IndexError,
    text: "gather: index must be from 0 to 1 on axis 0, got 5",
  },
  ce_target_oob: {
    call: () => tg.crossEntropy(T([[1, 2]]), classes([2])),
    error: tg.IndexError,
    text: "crossEntropy: a class must be from 0 to 1, got 2 at sample 0 of the target",
  },
  ce_target_negative: {
    call: () => tg.crossEntropy(T([[1, 2]]), classes([-1])),
    error: tg.IndexError,
    text: "crossEntropy: a class must be from 0 to 1, got -1 at sample 0 of the target",
  },
  bce_outside: {
    call: () => tg.bce(T([1.5]), T([1])),
    error: tg.ValueError,
    text: "bce: predictions must be probabilities from 0 to 1, got 1.5 at [0]; bceWithLogits takes any score",
  },
  mse_broadcast: {
    call: () => tg.mse(T([[1], [2]]), T([1, 2])),
    error: tg.ShapeError,
    text: "mse: shapes must be equal, got float64[2, 1] and float64[2]",
  },
  cat_mismatch: {
    call: () => tg.cat([T([[1]]), T([[1, 2]])], 0),
    error: tg.ShapeError,
    text: "cat: shapes must be equal in all axes but axis 0, got [1, 1] and [1, 2] (tensor 1)",
  },
  setgrad_shape: {
    call: () => {
      leaf([1, 2]).grad = T([1]);
    },
    error: tg.GradError,
    text: "grad: must fit its tensor, got float64[1] for float64[2]",
  },
  load_state_unexpected: {
    call: () => {
      const layer = new tg.Linear(2, 2);
      layer.loadStateDict({ weight: tg.zeros([2, 2]), bias: tg.zeros([2]), extra: tg.zeros([1]) });
    },
    error: tg.StateError,
    text: "Linear(2, 2).loadStateDict: the state must fit, got extra is unexpected; nothing was loaded",
  },
  load_state_atomic: {
    works: "a state is loaded whole or not at all",
    call: () => {
      const layer = new tg.Linear(2, 2);
      const before = layer.bias!.toArray();
      try {
        layer.loadStateDict({ weight: tg.zeros([3, 2]), bias: tg.full([2], 7) });
      } catch (error) {
        return [error instanceof tg.StateError, JSON.stringify(before) === JSON.stringify(layer.bias!.toArray())];
      }
      return "loaded";
    },
    gives: [true, true],
  },
  optim_load_mismatch: {
    call: () => {
      const [p, q] = [leaf([1]), leaf([1])];
      const small = new tg.SGD([p], { lr: 0.1 });
      new tg.SGD([p, q], { lr: 0.1 }).loadStateDict(small.stateDict());
    },
    error: tg.StateError,
    text: "SGD.loadStateDict: the state must fit, got groups.0.params is int32[1] instead of int32[2]; nothing was loaded",
  },
  clip_nonfinite: {
    call: () => {
      const p = leaf([1]);
      p.grad = tg.fullLike(p, Number.NaN);
      tg.clipGradNorm([p], 1, { errorIfNonFinite: true });
    },
    error: tg.GradError,
    text: "clipGradNorm: loss and gradients must be finite, got NaN in the norm; the gradients are as they were",
  },
  gradcheck_float32: {
    call: () => gradcheck((x) => tg.sin(x), [tg.ones([3], { requiresGrad: true })]),
    error: tg.DTypeError,
    text: "gradcheck: inputs must be float64, got float32 for input 0",
  },
  deep_chain_1e5: {
    works: "backward keeps its own stack",
    call: () => {
      const x = leaf([1]);
      let y: tg.Tensor = x;
      for (let i = 0; i < 100_000; i++) y = y.add(1);
      y.backward();
      return x.grad?.toArray();
    },
    gives: [1],
  },
};
