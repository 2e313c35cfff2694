// The smallest network that is worth the name: no single linear layer can tell when exactly one of two inputs is 1.
import { Adam, Linear, manualSeed, mse, Sequential, sigmoid, slice, tanh, tensor } from "tinygrad-ts";

const x = tensor([
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
]);
const y = tensor([[0], [1], [1], [0]]);

manualSeed(0);
const model = new Sequential(new Linear(2, 4), tanh, new Linear(4, 1), sigmoid);
const optimizer = new Adam(model.parameters(), { lr: 0.05 });

for (let step = 0; step < 500; step++) {
  const loss = mse(model.forward(x), y);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
}

const predictions = model.forward(x).toArray<[number][]>();
console.log("a  b  a xor b  predicted");
for (const [i, [a, b]] of x.toArray<[number, number][]>().entries()) {
  console.log(`${a}  ${b}  ${slice(y, i, 0).item()}        ${predictions[i]![0].toFixed(3)}`);
}
