import { zeros } from "../../create.ts";
import { elu, leakyRelu } from "../../ops/activations.ts";
import { add } from "../../ops/add.ts";
import { stack } from "../../ops/cat.ts";
import { clamp } from "../../ops/clamp.ts";
import { gt } from "../../ops/compare.ts";
import { matmul } from "../../ops/matmul.ts";
import { mul } from "../../ops/mul.ts";
import { permute } from "../../ops/permute.ts";
import { relu } from "../../ops/relu.ts";
import { unsqueeze } from "../../ops/reshape.ts";
import { sigmoid } from "../../ops/sigmoid.ts";
import { slice } from "../../ops/slice.ts";
import { softplus } from "../../ops/softplus.ts";
import { softsign } from "../../ops/softsign.ts";
import { split } from "../../ops/split.ts";
import { sub } from "../../ops/sub.ts";
import { tanh } from "../../ops/tanh.ts";
import { where } from "../../ops/where.ts";
import type { Tensor } from "../../tensor.ts";
import type { Call, Result, Rules } from "./node.ts";

type Activation = (x: Tensor) => Tensor;

const activations: { readonly [name: string]: (alpha: number, beta: number) => Activation } = {
  affine: (alpha, beta) => (x) => add(mul(x, alpha), beta),
  elu: (alpha) => (x) => elu(x, alpha),
  hardsigmoid: (alpha, beta) => (x) => clamp(add(mul(x, alpha), beta), 0, 1),
  leakyrelu: (alpha) => (x) => leakyRelu(x, alpha),
  relu: () => relu,
  scaledtanh: (alpha, beta) => (x) => mul(tanh(mul(x, beta)), alpha),
  sigmoid: () => sigmoid,
  softplus: () => softplus,
  softsign: () => softsign,
  tanh: () => tanh,
  thresholdedrelu: (alpha) => (x) => where(gt(x, alpha), x, 0),
};

/** Alpha and beta of those that have one, where a model does not say them. */
const usual: { readonly [name: string]: readonly [number, number] } = {
  affine: [1, 0],
  elu: [1, 0],
  hardsigmoid: [0.2, 0.5],
  leakyrelu: [0.01, 0],
  thresholdedrelu: [1, 0],
};
const alphas = ["affine", "elu", "hardsigmoid", "leakyrelu", "scaledtanh", "thresholdedrelu"];
const betas = ["affine", "hardsigmoid", "scaledtanh"];

function activationsOf(call: Call, defaults: readonly string[]): Activation[] {
  const names = (call.texts("activations") ?? defaults).map((name) => name.toLowerCase());
  const [alpha, beta] = [[...(call.floats("activation_alpha") ?? [])], [...(call.floats("activation_beta") ?? [])]];
  return names.map((name) => {
    const make = activations[name] ?? call.unsupported("there is no such activation here", name);
    const [a, b] = usual[name] ?? [1, 1];
    // The lists have entries for those activations that take one.
    return make(alphas.includes(name) ? (alpha.shift() ?? a) : a, betas.includes(name) ? (beta.shift() ?? b) : b);
  });
}

/** What a step makes of the input's share of all gates and the state. */
type Step = (gates: Tensor, hidden: Tensor, cell: Tensor) => [hidden: Tensor, cell: Tensor];

/** One direction of a recurrent layer. */
interface Way {
  readonly w: Tensor;
  readonly r: Tensor;
  readonly step: Step;
  /** Of the input's share. */
  readonly bias: Tensor | null;
}

/** A recurrent layer over `[length, batch, size]`, or with the batch first. */
function recurrent(
  call: Call,
  make: (direction: number, w: Tensor, r: Tensor, bias: Tensor | null) => Way,
  hasCell: boolean,
): Result[] {
  const isBatchFirst = call.int("layout", 0) !== 0;
  const x = isBatchFirst ? permute(call.x, [1, 0, 2]) : call.x;
  const [length, batch] = x.shape as [number, number];
  const hiddenSize = call.int("hidden_size", call.tensor(2).shape.at(-1)!);
  const wide = call.tensor(2).shape.at(-1)!;
  // Before memory is taken for a state: a few bytes can ask for any.
  if (hiddenSize !== wide)
    call.invalid("hidden_size must be that of the recurrent weights", `${hiddenSize} and ${wide}`);
  const direction = call.text("direction", "forward");
  const count = direction === "bidirectional" ? 2 : 1;
  const lengths = call.has(4) ? call.indices(4) : null;
  const clip = call.node.attribute("clip")?.f;
  if (clip !== undefined) call.unsupported("gates are not clipped here", `clip ${clip}`);
  const start = (i: number, at: number): Tensor => {
    const given = call.optional(i);
    if (given === null) return zeros([batch, hiddenSize], { dtype: x.dtype as "float32" });
    const own = isBatchFirst ? permute(given, [1, 0, 2]) : given;
    return slice(own, at);
  };
  const ways = Array.from({ length: count }, (_, at) => {
    const way = make(
      at,
      slice(call.tensor(1), at),
      slice(call.tensor(2), at),
      call.has(3) ? slice(call.tensor(3), at) : null,
    );
    const isBackward = direction === "reverse" || at === 1;
    const shares = matmul(x, way.w, { transposeB: true });
    const gates = way.bias === null ? shares : add(shares, way.bias);
    let [hidden, cell] = [start(5, at), hasCell ? start(6, at) : start(5, at)];
    const outputs = new Array<Tensor>(length);
    for (let i = 0; i < length; i++) {
      const t = isBackward ? length - 1 - i : i;
      const [nextHidden, nextCell] = way.step(slice(gates, t), hidden, cell);
      if (lengths === null) [hidden, cell, outputs[t]] = [nextHidden, nextCell, nextHidden];
      else {
        const isThere = unsqueeze(gt(lengths, t), 1);
        hidden = where(isThere, nextHidden, hidden);
        cell = where(isThere, nextCell, cell);
        outputs[t] = where(isThere, nextHidden, 0);
      }
    }
    const output = length === 0 ? zeros([0, batch, hiddenSize], { dtype: x.dtype as "float32" }) : stack(outputs);
    return { output, hidden, cell };
  });
  const y = stack(
    ways.map(({ output }) => output),
    isBatchFirst ? 2 : 1,
  );
  const last = (part: "hidden" | "cell"): Tensor =>
    stack(
      ways.map((way) => way[part]),
      isBatchFirst ? 1 : 0,
    );
  // [length, directions, batch, hidden]; with the batch first, [batch, length, directions, hidden].
  const output = isBatchFirst ? permute(y, [1, 0, 2, 3]) : y;
  return [output, last("hidden"), ...(hasCell ? [last("cell")] : [])];
}

const halves = (bias: Tensor): [Tensor, Tensor] => split(bias, bias.size / 2) as [Tensor, Tensor];
const ofHidden = (hidden: Tensor, r: Tensor): Tensor => matmul(hidden, r, { transposeB: true });

function rnn(call: Call): Result[] {
  const fns = activationsOf(call, ["Tanh", "Tanh"]);
  return recurrent(
    call,
    (direction, w, r, bias) => ({
      w,
      r,
      bias: bias === null ? null : halves(bias).reduce((a, b) => add(a, b)),
      step: (gates, hidden, cell) => [fns[direction]!(add(gates, ofHidden(hidden, r))), cell],
    }),
    false,
  );
}

/** The gates are in the order input, output, forget, cell. */
function lstm(call: Call): Result[] {
  const fns = activationsOf(call, ["Sigmoid", "Tanh", "Tanh", "Sigmoid", "Tanh", "Tanh"]);
  if (call.int("input_forget", 0) !== 0) call.unsupported("input and forget gates are apart here", "input_forget 1");
  return recurrent(
    call,
    (direction, w, r, bias) => {
      const [f, g, h] = fns.slice(3 * direction) as [Activation, Activation, Activation];
      const peepholes = call.has(7) ? split(slice(call.tensor(7), direction), r.shape[1]!) : null;
      const [pi, po, pf] = peepholes ?? [];
      const peeped = (gate: Tensor, cell: Tensor, p?: Tensor): Tensor =>
        p === undefined ? gate : add(gate, mul(cell, p));
      return {
        w,
        r,
        bias: bias === null ? null : halves(bias).reduce((a, b) => add(a, b)),
        step: (gates, hidden, cell) => {
          const [i, o, forget, c] = split(add(gates, ofHidden(hidden, r)), r.shape[1]!, 1) as [
            Tensor,
            Tensor,
            Tensor,
            Tensor,
          ];
          const next = add(mul(f(peeped(forget, cell, pf)), cell), mul(f(peeped(i, cell, pi)), g(c)));
          return [mul(f(peeped(o, next, po)), h(next)), next];
        },
      };
    },
    true,
  );
}

/** The gates are in the order update, reset, hidden. */
function gru(call: Call): Result[] {
  const fns = activationsOf(call, ["Sigmoid", "Tanh", "Sigmoid", "Tanh"]);
  const isAfter = call.int("linear_before_reset", 0) !== 0;
  return recurrent(
    call,
    (direction, w, r, bias) => {
      const [f, g] = fns.slice(2 * direction) as [Activation, Activation];
      const n = r.shape[1]!;
      const [ru, rr, rh] = split(r, n) as [Tensor, Tensor, Tensor];
      const [bw, br] = bias === null ? [null, null] : halves(bias);
      const [bu, brr, bh] = br === null ? [] : split(br, n);
      const plus = (t: Tensor, b?: Tensor): Tensor => (b === undefined ? t : add(t, b));
      return {
        w,
        r,
        bias: bw,
        step: (gates, hidden, cell) => {
          const [gu, gr, gh] = split(gates, n, 1) as [Tensor, Tensor, Tensor];
          const update = f(add(gu, plus(ofHidden(hidden, ru), bu)));
          const reset = f(add(gr, plus(ofHidden(hidden, rr), brr)));
          const own = isAfter ? mul(reset, plus(ofHidden(hidden, rh), bh)) : plus(ofHidden(mul(reset, hidden), rh), bh);
          const fresh = g(add(gh, own));
          return [add(mul(sub(1, update), fresh), mul(update, hidden)), cell];
        },
      };
    },
    false,
  );
}

/** Recurrent layers. */
export const recurrence: Rules = { GRU: gru, LSTM: lstm, RNN: rnn };
