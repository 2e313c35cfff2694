// Trains, saves, loads and differentiates. formats.test.ts runs it as a user's program, also in a Node that refuses to make
// code from strings and has no `__proto__`.
import { Linear, manualSeed, mse, Sequential, SGD, tanh, tensor } from "tinygrad-ts";

const build = () => new Sequential(new Linear(2, 8), tanh, new Linear(8, 1));
const x = tensor([
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
]);
const y = tensor([[0], [1], [1], [2]]);

manualSeed(1);
const model = build();
const optimizer = new SGD(model.parameters(), { lr: 0.1 });
const losses = [];
for (let step = 0; step < 200; step++) {
  const loss = mse(model.forward(x), y);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  losses.push(loss.item());
}

// Saved as plain typed arrays and shapes, loaded into a model that started elsewhere.
const saved = [...model.stateDict()].map(([key, value]) => ({ key, shape: value.shape, data: value.data }));
manualSeed(2);
const restored = build();
restored.loadStateDict(new Map(saved.map(({ key, shape, data }) => [key, tensor(data).reshape(shape)])));

const w = tensor([1, 2, 3], { dtype: "float64", requiresGrad: true });
w.mul(w).sum().backward();

console.log(
  JSON.stringify({
    fell: losses[losses.length - 1] < losses[0] / 10,
    keys: saved.map(({ key }) => key),
    same: String(model.forward(x).data) === String(restored.forward(x).data),
    grad: [...w.grad.data],
  }),
);
