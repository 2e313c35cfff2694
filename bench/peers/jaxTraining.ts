import { type Array as JaxArray, jit, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { type Task, training } from "../run/task.ts";
import { type Spec, stepsToCompare } from "../spec.ts";

const [lr, beta1, beta2, eps] = [1e-3, 0.9, 0.999, 1e-8];

type State = {
  p: JaxArray[];
  m: JaxArray[];
  v: JaxArray[];
  /** β₁ and β₂ to the power of the number of steps. */
  powers: JaxArray[];
};

/** One step of Adam, written out: the library has no optimizers. */
function adam({ p, m, v, powers }: State, gradients: JaxArray[]): State {
  const [power1, power2] = [powers[0]!.mul(beta1), powers[1]!.mul(beta2)];
  const m2 = m.map((m, i) => m.mul(beta1).add(gradients[i]!.ref.mul(1 - beta1)));
  const v2 = v.map((v, i) => v.mul(beta2).add(np.square(gradients[i]!).mul(1 - beta2)));
  const correction1 = np.array(1).sub(power1.ref);
  const correction2 = np.array(1).sub(power2.ref);
  const p2 = p.map((p, i) => {
    const mean = m2[i]!.ref.div(correction1.ref);
    const deviation = np.sqrt(v2[i]!.ref.div(correction2.ref)).add(eps);
    return p.sub(mean.div(deviation).mul(lr));
  });
  correction1.dispose();
  correction2.dispose();
  return { p: p2, m: m2, v: v2, powers: [power1, power2] };
}

/** A loss of parameters, inputs and targets, which it owns. */
export type Loss = (p: JaxArray[], x: JaxArray, target: JaxArray) => JaxArray;

/** Steps of training, each one compiled function: forward, loss, backward, Adam. */
export function trained(spec: Spec, lossOf: Loss, p: JaxArray[], x: JaxArray, target: JaxArray): Task {
  const update = jit((state: State, x: JaxArray, target: JaxArray) => {
    const [value, gradients] = valueAndGrad(lossOf)(
      state.p.map((p) => p.ref),
      x,
      target,
    ) as [JaxArray, JaxArray[]];
    return { value, next: adam(state, gradients) };
  });
  const zeros = () => p.map((p) => np.zeros(p.shape));
  let state: State = { p, m: zeros(), v: zeros(), powers: [np.array(1), np.array(1)] };
  const step = () => {
    const { value, next } = update(state, x.ref, target.ref);
    state = next;
    return value.item();
  };
  return training(step, stepsToCompare(spec), { dispose: () => tree.dispose([state, x, target] as never) });
}
