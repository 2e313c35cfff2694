import { Adam, crossEntropy, manualSeed, mlp, tensor } from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";
import { fit, TensorDataset } from "tinygrad-ts/train";

function component() {
  manualSeed(3);
  const model = mlp([2, 12, 2]);
  return { model, optimizer: new Adam(model.parameters(), { lr: 0.05 }) };
}

/** A component's state, as runes make it, with a network in it, and data that a user may edit. */
export async function svelte() {
  const state = $state({
    ...component(),
    points: [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ],
    classes: [0, 1, 1, 0],
  });
  const plain = component();
  const losses = ({ model, optimizer }, points, classes) => {
    const step = compile((x, y) => {
      const loss = crossEntropy(model.forward(x), y);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    });
    const [x, y] = [tensor(points), tensor(classes, { dtype: "int32" })];
    return Array.from({ length: 30 }, () => step(x, y).item());
  };
  const inState = losses(state, state.points, state.classes);
  const outside = losses(plain, $state.snapshot(state.points), [0, 1, 1, 0]);
  let held = $state(tensor([1, 2]));
  held = held.add(1);
  const listed = $state([state.model]);
  const x = tensor(state.points);
  const y = tensor(state.classes, { dtype: "int32" });
  const options = { loss: crossEntropy, optimizer: state.optimizer, epochs: 5 };
  const { epochs } = await fit(state.model, new TensorDataset(x, y), options);
  return {
    same: String(inState) === String(outside),
    learns: inState.at(-1) < inState[0],
    held: held.toArray(),
    layers: [...listed[0].parameters()].length,
    epochs: epochs.length,
  };
}
