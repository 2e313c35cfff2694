import { Adam, clipGradNorm, crossEntropy, Linear, manualSeed, mlp, randint, randn, type Tensor } from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";
import { group, print, refusal } from "./group.ts";

// What ranks say to each other, and what becomes of it: each rank prints what it got.

const { rank, size } = group;

const numbers = Float32Array.of(rank + 1, -rank);
group.allReduce(numbers);
const largest = Float64Array.of(rank, -rank);
group.allReduce(largest, "max");
const counts = Int32Array.of(rank, 1);
group.allReduce(counts);
const sent = Uint8Array.of(rank, 7);
group.broadcast(sent, size - 1);
group.barrier();
print({
  size,
  sum: [...numbers],
  max: [...largest],
  counts: [...counts],
  sent: [...sent],
  all: [...group.gather(Int32Array.of(rank, rank * 2))],
});

// A large sum, in a piece of shared and of ordinary memory.
const large = new Float32Array(new SharedArrayBuffer(4 * 500_000)).fill(rank + 1);
group.allReduce(large);
print({ large: new Set(large).size === 1 && large[0] === (size * (size + 1)) / 2 });

type How = "compiled" | "eager" | "whole" | "left outside" | "in two parts";

// Steps on parts of a batch are steps on the batch.
function trained(of: number, at: number, how: How): number[] {
  manualSeed(3);
  const model = mlp([20, 130, 80, 5]);
  const optimizer = new Adam(model.parameters(), { lr: 0.01 });
  const [x, y] = [randn([24, 20]), randint(0, 5, [24])];
  const part = 24 / of;
  const [own, targets] = [x.slice([at * part, (at + 1) * part]), y.slice([at * part, (at + 1) * part])];
  const eager = (a: Tensor, b: Tensor): Tensor => {
    const loss = crossEntropy(model.forward(a), b);
    optimizer.zeroGrad();
    loss.backward();
    if (how === "left outside") return loss;
    if (how === "eager") group.averageGradients(model.parameters());
    clipGradNorm(model.parameters(), 0.5);
    optimizer.step();
    return loss;
  };
  const half = part / 2;
  const inTwo = (a: Tensor, b: Tensor): Tensor => {
    optimizer.zeroGrad();
    for (const range of [
      [0, half],
      [half, part],
    ] as const)
      crossEntropy(model.forward(a.slice(range)), b.slice(range))
        .mul(0.5)
        .backward();
    clipGradNorm(model.parameters(), 0.5);
    optimizer.step();
    return a;
  };
  const options = { average: group, verify: true };
  const outside = compile(eager, options);
  const step = {
    compiled: outside,
    eager,
    whole: eager,
    "left outside": (a: Tensor, b: Tensor) => {
      outside(a, b);
      clipGradNorm(model.parameters(), 0.5);
      optimizer.step();
    },
    "in two parts": compile(inTwo, options),
  }[how];
  for (let i = 0; i < 6; i++) step(own, targets);
  // One call for all gradients: what clipping makes of them is not averaged again.
  if (how === "compiled") print({ calls: String(outside.programs[0]).split("allReduce").length - 1 });
  return model.parameters().flatMap((p) => [...p.data]);
}
const whole = trained(1, 0, "whole");
for (const how of ["compiled", "eager", "left outside", "in two parts"] as const) {
  const own = trained(size, rank, how);
  const error = Math.max(...own.map((v, i) => Math.abs(v - whole[i]!)));
  const all = group.gather(Float64Array.from(own));
  const isSame = all.every((v, i) => v === own[i % own.length]);
  print({ how, isNear: error < 1e-4, isSame });
}

// A gradient that is larger than what is sent at once, between small ones.
{
  const of = (from: number, to: number, average?: (model: Linear) => void): Float32Array => {
    manualSeed(4);
    const model = new Linear(600, 500);
    model
      .forward(randn([8, 600]).slice([from, to]))
      .pow(2)
      .mean()
      .backward();
    average?.(model);
    return new Float32Array([...model.bias!.grad!.data, ...model.weight.grad!.data]);
  };
  const part = 8 / size;
  const alone = of(0, 8);
  const ours = of(rank * part, (rank + 1) * part, (model) => group.averageGradients(model.parameters()));
  print({ large: "gradients", isNear: ours.every((v, i) => Math.abs(v - alone[i]!) < 1e-6) });
}

// Different things are refused by all.
print({ different: refusal(() => (rank === 0 ? group.barrier() : group.allReduce(Float32Array.of(1)))) });
print({ lengths: refusal(() => group.allReduce(new Float32Array(rank === 0 ? 3 : 4))) });
const weight = randn([4]);
weight.requiresGrad = true;
const other = compile(
  (x: Tensor) =>
    x
      .mul(weight)
      .mul(rank === 0 ? 2 : 3)
      .sum()
      .backward(),
  { average: group },
);
print({ programs: refusal(() => other(randn([4]))) });
group.barrier();
