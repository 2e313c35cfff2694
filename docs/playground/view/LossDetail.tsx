import type { Observation } from "../model/observe.ts";
import type { Settings } from "../model/settings.ts";
import { type Numbers, useNumbers } from "./numbers.ts";

interface Props {
  readonly settings: Settings;
  readonly observation: Observation;
  readonly shows: "loss" | "residual" | "both";
}

/** How the loss of the point, and the first residual, come about: with numbers. */
export function LossDetail({ settings, observation, shows }: Props) {
  const { loss, residual } = linesOf(settings, observation, useNumbers());
  return (
    <div class="formulas">
      {shows !== "residual" && loss.map((line) => <p key={line}>{line}</p>)}
      {shows !== "loss" && residual.map((line) => <p key={line}>{line}</p>)}
    </div>
  );
}

interface Lines {
  readonly loss: readonly string[];
  readonly residual: readonly string[];
}

/** The output's weighted sum is z, the target y. */
function linesOf(
  { loss: name }: Settings,
  { output: z, target: y, loss, layers }: Observation,
  { short, factor }: Numbers,
): Lines {
  const delta = short(layers.at(-1)!.residual[0]!);
  const [L, d] = [short(loss), "δ = ∂L/∂z"];
  const difference = `${short(z)} − ${factor(y)}`;
  const sigma = 1 / (1 + Math.exp(-z));
  switch (name) {
    case "crossEntropy":
      return {
        loss: [
          `p = σ(z) = σ(${short(z)}) = ${short(sigma)}`,
          y === 1 ? `L = −log p = −log ${short(sigma)} = ${L}` : `L = −log(1 − p) = −log ${short(1 - sigma)} = ${L}`,
        ],
        residual: [`p = σ(${short(z)}) = ${short(sigma)}`, `${d} = p − y = ${short(sigma)} − ${short(y)} = ${delta}`],
      };
    case "mse":
      return {
        loss: [`L = (z − y)² = (${difference})² = ${L}`],
        residual: [`${d} = 2 (z − y) = 2 · (${difference}) = ${delta}`],
      };
    case "hinge":
      return {
        loss: [`L = max(0, 1 − y·z) = max(0, 1 − ${factor(y)}·${factor(z)}) = ${L}`],
        residual: [
          y * z < 1
            ? `${d} = −y = ${delta}, since y·z = ${factor(y)}·${factor(z)} < 1`
            : `${d} = 0, since y·z = ${factor(y)}·${factor(z)} ≥ 1`,
        ],
      };
    case "huber":
      return Math.abs(z - y) <= 1
        ? {
            loss: [`L = ½ (z − y)² = ½ · (${difference})² = ${L}`],
            residual: [`${d} = z − y = ${difference} = ${delta}`],
          }
        : {
            loss: [`L = |z − y| − ½ = |${difference}| − ½ = ${L}`],
            residual: [`${d} = sign(z − y) = sign(${difference}) = ${delta}`],
          };
    case "l1":
      return {
        loss: [`L = |z − y| = |${difference}| = ${L}`],
        residual: [`${d} = sign(z − y) = sign(${difference}) = ${delta}`],
      };
  }
}
