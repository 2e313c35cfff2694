import { crossEntropy, manualSeed, mlp, SGD, TinygradError, tensor } from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";
import { explain } from "tinygrad-ts/debug";
import { checkGradient } from "tinygrad-ts/gradcheck";
import { decode, encode } from "tinygrad-ts/safetensors";
import { fit, TensorDataset } from "tinygrad-ts/train";

// What everybody does with the library, by nothing but the package's public names. Each environment runs it, and must come to what expected.ts says.

// Points of a disc, and of the ring around it: no straight line tells which.
const points = Array.from({ length: 60 }, (_, i) => [Math.cos(i) * (i % 2 ? 1 : 0.3), Math.sin(i) * (i % 2 ? 1 : 0.3)]);
const labels = points.map((_, i) => i % 2);

function learner() {
  manualSeed(3);
  const model = mlp([2, 12, 2]);
  const optimizer = new SGD(model.parameters(), { lr: 0.5, momentum: 0.9 });
  const step = (x, y) => {
    const loss = crossEntropy(model.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  };
  return { model, optimizer, step };
}

export async function everyday() {
  const x = tensor(points);
  const y = tensor(labels, { dtype: "int32" });

  const eager = learner();
  const losses = Array.from({ length: 60 }, () => eager.step(x, y).item());

  const compiled = learner();
  const step = compile(compiled.step);
  const compiledLosses = Array.from({ length: 60 }, () => step(x, y).item());

  const fitted = learner();
  const data = new TensorDataset(x, y);
  const { epochs } = await fit(fitted.model, data, { loss: crossEntropy, optimizer: fitted.optimizer, epochs: 8 });

  const bytes = encode(eager.model.stateDict(), { epoch: "60" });
  const copy = mlp([2, 12, 2]);
  copy.loadStateDict(decode(bytes));

  const norm = (v) => Math.hypot(v[0], v[1], v[2]);
  const gradient = (v) => v.map((entry) => entry / norm(v));
  const wrong = (v) => v.map((entry) => entry / norm(v) ** 2);

  let refusal = null;
  try {
    tensor([[1, 2], [3]]);
  } catch (error) {
    refusal = error instanceof TinygradError ? error.name : "an error of another kind";
  }

  return {
    learns: losses.at(-1) < 0.05 * losses[0],
    compiledPrograms: step.programs.length,
    compiledIsEager: compiledLosses.every((loss, i) => Math.abs(loss - losses[i]) < 1e-4),
    fitLearns: epochs.at(-1).loss < epochs[0].loss,
    savedBytes: bytes.byteLength % 8,
    loadedIsSame: String(copy.forward(x).data) === String(eager.model.forward(x).data),
    rightGradient: checkGradient(norm, gradient, [1, -2, 3]).ok,
    wrongGradient: checkGradient(norm, wrong, [1, -2, 3]).ok,
    stepsOfBackward: explain(tensor([1, 2], { requiresGrad: true }).exp().sum()).steps.length,
    refusal,
    printed: `${tensor([[1, 2.5]])} ${copy.describe().split("\n")[0]}`,
  };
}
