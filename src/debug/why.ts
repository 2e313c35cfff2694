import { checkTensor } from "../core/apply.ts";
import { describe } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Tensor } from "../tensor.ts";
import { short, statisticsOf } from "./numbers.ts";
import { type BackwardWalk, type Contribution, walkBackward } from "./walk.ts";

/** The reason for a gradient, in a word. */
export type WhyReason =
  | "fine"
  | "frozen"
  | "not a leaf"
  | "detached"
  | "not used"
  | "dead units"
  | "saturated"
  | "times zero"
  | "zero"
  | "not finite";

/** What {@link why} returns. */
export interface WhyReport {
  /** The reason, in a word. */
  readonly reason: WhyReason;
  /** The op that caused it; null if none did. */
  readonly op: string | null;
  /** The gradient, or null if there is none. */
  readonly gradient: Tensor | null;
  /** The reason, in a sentence. */
  toString(): string;
}

/**
 * Explains why a parameter's gradient is null, zero or not finite, or reports that it is fine. No `grad` changes.
 *
 * @param parameter - the tensor whose gradient you ask about.
 * @param loss - the loss to differentiate: a recorded tensor with one element.
 * @returns the reason; `String(…)` makes a sentence of it.
 * @throws `GradError` if the loss requires no gradient at all, or has more than one element.
 * @example
 * import { relu, sum, tensor } from "tinygrad-ts";
 * import { why } from "tinygrad-ts/debug";
 *
 * const w = tensor([-1, -2], { requiresGrad: true });
 * const v = tensor([1, 1], { requiresGrad: true });
 * const loss = sum(relu(w).add(v));
 * why(v, loss).reason; // → fine
 * String(why(w, loss)); // → dead units: relu passes nothing back, since 100 % of its inputs are 0 or below
 */
export function why(parameter: Tensor, loss: Tensor): WhyReport {
  refuseMore("why", arguments, 2);
  checkTensor("why", parameter, "the parameter");
  const walk = walkBackward("why", loss);
  const gradient = walk.gradients.get(parameter) ?? null;
  const report = (reason: WhyReason, text: string, op: string | null = null): WhyReport => ({
    reason,
    op,
    gradient,
    toString: () => `${reason}: ${text}`,
  });
  if (gradient === null) return whyNone(parameter, walk, report);
  const { bad, norm, size, zeros } = statisticsOf(gradient);
  if (bad > 0) {
    // The order of the backward pass, from its end: each after its inputs.
    const first = [...walk.order].reverse().find(({ values }) => values.some(Number.isNaN));
    if (first !== undefined) {
      const what =
        first.op === null ? `${describe(first)}, which the loss depends on,` : `the result of ${first.op.name}`;
      const text = `${what} has NaN in the forward pass already; detectAnomaly finds the line`;
      return report("not finite", text, first.op?.name ?? null);
    }
    const { from, g } = spoiler(parameter, walk);
    const text = `the gradient rule of ${from.op!.name} turned a finite gradient into ${short(firstBad(g))}`;
    return report("not finite", `${text}; detectAnomaly finds the line`, from.op!.name);
  }
  if (size > 0 && norm === 0) return whyZero(parameter, walk, report);
  const leaf = parameter.op === null ? "" : "; it is not a leaf: call retainGrad() to keep it in grad";
  return report(
    parameter.op === null || parameter.retainsGrad ? "fine" : "not a leaf",
    `norm ${short(norm)} over ${size} elements, ${short(100 * zeros)} % of them 0${deadRows(gradient)}${leaf}`,
  );
}

/** Which rows of a weight, each of which makes an output, get nothing. */
function deadRows({ shape, size, values }: Tensor): string {
  if (shape.length < 2) return "";
  const length = size / shape[0]!;
  const dead = Array.from({ length: shape[0]! }, (_, i) => i).filter((i) =>
    values.subarray(i * length, (i + 1) * length).every((v) => v === 0),
  );
  if (dead.length === 0) return "";
  const more = dead.length > 5 ? ` and ${dead.length - 5} more` : "";
  return ` (all of ${dead.length === 1 ? "row" : "rows"} ${dead.slice(0, 5).join(", ")}${more}, of ${shape[0]})`;
}

type Report = (reason: WhyReason, text: string, op?: string | null) => WhyReport;

function whyNone(parameter: Tensor, { order }: BackwardWalk, report: Report): WhyReport {
  if (!parameter.requiresGrad) {
    return report("frozen", `${describe(parameter)} does not require a gradient; set requiresGrad to true`);
  }
  const ends = new Set(order.flatMap(({ inputs }) => inputs.filter((x) => !x.requiresGrad)));
  // A detached tensor is another one with the same values.
  if ([...ends].some((x) => x.stored === parameter.stored && x.size > 0)) {
    return report("detached", "the loss was computed from a copy that does not track gradients; look for detach()");
  }
  const list = [...ends].slice(0, 5).map(describe).join(", ");
  const more = ends.size > 5 ? ` and ${ends.size - 5} more` : "";
  const text = "the loss does not depend on this tensor";
  return report(
    "not used",
    ends.size === 0
      ? text
      : `${text}; the graph of the loss ends at the constants ${list}${more}, one of which may have been computed in noGrad()`,
  );
}

function whyZero(parameter: Tensor, walk: BackwardWalk, report: Report): WhyReport {
  // From the parameter towards the loss, up to the first gradient that is not 0: the rule before it made the zeros.
  const { from, index } = blocker(parameter, walk);
  const { name } = from.op!;
  const share = (test: (v: number) => boolean, x: Tensor): string => {
    return `${short((100 * [...x.values].filter(test).length) / x.size)} %`;
  };
  const x = from.inputs[index]!;
  if (/^(relu|leakyRelu)/.test(name)) {
    return report(
      "dead units",
      `${name} passes nothing back, since ${share((v) => v <= 0, x)} of its inputs are 0 or below`,
      name,
    );
  }
  if (/^(tanh|sigmoid|softmax|logSoftmax|softplus|erf|clamp)/.test(name)) {
    const { least, most } = statisticsOf(x);
    return report("saturated", `${name} is flat where its inputs are, from ${short(least)} to ${short(most)}`, name);
  }
  if (/^(mul|matmul|conv|convInput|convWeight)$/.test(name)) {
    const other = from.inputs[1 - index]!;
    return report(
      "times zero",
      `in ${name}, the other factor is 0 (${share((v) => v === 0, other)} of ${describe(other)})`,
      name,
    );
  }
  return report("zero", `the gradient rule of ${name} gives 0 here`, name);
}

/** The rule that turned a gradient that is not 0 into zeros. */
function blocker(start: Tensor, { received, gradients }: BackwardWalk): Contribution {
  let x = start;
  for (;;) {
    const came: readonly Contribution[] = received.get(x)!;
    const found = came.find(({ from }) => statisticsOf(gradients.get(from)!).norm > 0);
    if (found !== undefined) return found;
    x = came[0]!.from;
  }
}

/** The rule that turned a finite gradient into NaN or infinity. */
function spoiler(start: Tensor, { received, gradients }: BackwardWalk): Contribution {
  let x = start;
  for (;;) {
    const came = received.get(x)!.filter(({ g }) => statisticsOf(g).bad > 0);
    const found = came.find(({ from }) => statisticsOf(gradients.get(from)!).bad === 0);
    if (found !== undefined || came.length === 0) return found ?? received.get(x)![0]!;
    x = came[0]!.from;
  }
}

function firstBad(g: Tensor): number {
  return [...g.values].find((v) => !Number.isFinite(v)) ?? Number.NaN;
}
