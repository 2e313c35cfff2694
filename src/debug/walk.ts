import { checkTensor, noGrad } from "../core/apply.ts";
import { GradError } from "../core/errors.ts";
import { Saved } from "../core/op.ts";
import { describe } from "../core/shape.ts";
import { add } from "../ops/add.ts";
import { onesLike } from "../ops/zerosLike.ts";
import type { Tensor } from "../tensor.ts";

/** What an op's gradient rule sends to one of its inputs. */
export interface Contribution {
  readonly from: Tensor;
  /** Which of the inputs it is. */
  readonly index: number;
  readonly to: Tensor;
  readonly g: Tensor;
}

/** A recorded backward pass. */
export interface BackwardWalk {
  /** All tensors that gradients reach, each before its inputs: the order of the backward pass. */
  readonly order: readonly Tensor[];
  /** The complete gradient of the loss with respect to each. */
  readonly gradients: ReadonlyMap<Tensor, Tensor>;
  /** What each sends to its inputs. */
  readonly sent: ReadonlyMap<Tensor, readonly Contribution[]>;
  /** What each is sent. */
  readonly received: ReadonlyMap<Tensor, readonly Contribution[]>;
}

/**
 * Does what `loss.backward()` does and records it, but changes no `grad` and runs no hooks.
 *
 * @throws `GradError` if the loss requires no gradient, or has more than one element.
 */
export function walkBackward(op: string, loss: Tensor): BackwardWalk {
  checkTensor(op, loss, "the loss");
  if (!loss.requiresGrad) {
    throw new GradError(op, "the loss must require a gradient", describe(loss), "look for detach() and noGrad()");
  }
  if (loss.size !== 1)
    throw new GradError(op, "the loss must have one element", describe(loss), "reduce it with mean() or sum()");
  const order = graphOf(loss);
  const gradients = new Map<Tensor, Tensor>();
  const [sent, received] = [new Map<Tensor, Contribution[]>(), new Map<Tensor, Contribution[]>()];
  noGrad(() => {
    gradients.set(loss, onesLike(loss));
    for (const y of order) {
      const g = gradients.get(y);
      if (g === undefined || y.op === null) continue;
      for (const [index, to] of y.inputs.entries()) {
        const { vjp } = y.op;
        const rule = typeof vjp === "object" ? vjp[index] : vjp;
        if (!to.requiresGrad || typeof rule !== "function") continue;
        const contribution = { from: y, index, to, g: rule(new Saved(y, g, index)) };
        listOf(sent, y).push(contribution);
        listOf(received, to).push(contribution);
        const before = gradients.get(to);
        gradients.set(to, before === undefined ? contribution.g : add(before, contribution.g));
      }
    }
  });
  return { order, gradients, sent, received };
}

/** All tensors in the graph of one that require a gradient, each before its inputs. With an explicit stack, so long chains do not overflow the engine's. */
export function graphOf(root: Tensor): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set([root]);
  const stack = [{ y: root, next: 0 }];
  while (stack.length > 0) {
    const top = stack.at(-1)!;
    const x = top.y.inputs[top.next++];
    if (x === undefined) order.push(stack.pop()!.y);
    else if (x.requiresGrad && !seen.has(x)) {
      seen.add(x);
      stack.push({ y: x, next: 0 });
    }
  }
  return order.reverse();
}

/** The list under a key, which is made if there is none. */
export function listOf<K, V>(lists: Map<K, V[]>, key: K): V[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
