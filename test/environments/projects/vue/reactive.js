import { Adam, crossEntropy, Generator, manualSeed, mlp, TinygradError, tensor } from "tinygrad-ts";
import { compile } from "tinygrad-ts/compile";
import { fit, TensorDataset } from "tinygrad-ts/train";
import { isProxy, reactive, ref } from "vue";

/** A state of a component's, with a network in it, and everything that trains it. */
function component() {
  manualSeed(3);
  const model = mlp([2, 12, 2]);
  const x = tensor([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]);
  const y = tensor([0, 1, 1, 0], { dtype: "int32" });
  const optimizer = new Adam(model.parameters(), { lr: 0.05 });
  return { model, optimizer, x, y, data: new TensorDataset(x, y), generator: new Generator(1) };
}

/** The loss of each step of a training, by what a state holds. */
function losses(state, make = (step) => step) {
  const step = make((x, y) => {
    const loss = crossEntropy(state.model.forward(x), y);
    state.optimizer.zeroGrad();
    loss.backward();
    state.optimizer.step();
    return loss;
  });
  return Array.from({ length: 60 }, () => step(state.x, state.y).item());
}

/** What comes of code that is given a proxy: its result, or that it was refused by an error of the library's. */
function outcome(run) {
  try {
    return run();
  } catch (error) {
    return error instanceof TinygradError ? "refused" : String(error);
  }
}

export async function vue() {
  const state = reactive(component());
  const cell = ref(component());
  const plain = losses(component());
  const fitted = reactive(component());
  const options = { loss: crossEntropy, optimizer: fitted.optimizer, epochs: 20 };
  const history = await fit(fitted.model, fitted.data, options);
  const { model, x } = component();
  const proxied = new Proxy(x, {});
  return {
    proxies: Object.entries(state)
      .filter(([name, part]) => name !== "data" && isProxy(part))
      .map(([name]) => name),
    ref: isProxy(ref(model).value),
    deepReactive: String(losses(state)) === String(plain),
    deepRefCompiled: losses(cell.value, compile).every((loss, i) => Math.abs(loss - plain[i]) < 1e-4),
    fitLearns: history.epochs.at(-1).loss < history.epochs[0].loss,
    arrays: tensor(
      reactive([
        [1, 2],
        [3, 4],
      ]),
    ).toArray(),
    typedArrays: tensor(reactive({ values: new Float64Array([1, 2]) }).values).dtype,
    proxyInOp: outcome(() => proxied.add(1).toArray()),
    proxyInModel: outcome(() => model.forward(proxied).shape),
    proxyOfModel: ["refused", "4,2"].includes(String(outcome(() => new Proxy(model, {}).forward(x).shape))),
    proxyInTensor: outcome(() => tensor([proxied])),
    proxyInCompiled: outcome(() => {
      const double = compile((v) => v.mul(2));
      return [double(x), double(proxied)].length;
    }),
  };
}
