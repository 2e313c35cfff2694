import type * as core from "tinygrad-ts";
import { Adam, crossEntropy, Linear, mlp, type Tensor, tensor } from "tinygrad-ts";
import type * as blas from "tinygrad-ts/blas";
import type * as compiler from "tinygrad-ts/compile";
import { compile } from "tinygrad-ts/compile";
import type * as debug from "tinygrad-ts/debug";
import type * as fastCheck from "tinygrad-ts/fast-check";
import type * as gradcheck from "tinygrad-ts/gradcheck";
import { checkGradient, type GradientReport } from "tinygrad-ts/gradcheck";
import type * as mpi from "tinygrad-ts/mpi";
import type * as reporters from "tinygrad-ts/reporters";
import type * as safetensors from "tinygrad-ts/safetensors";
import { encode, encodeCheckpoint } from "tinygrad-ts/safetensors";
import type * as train from "tinygrad-ts/train";
import { fit, TensorDataset } from "tinygrad-ts/train";

const model = mlp([2, 8, 2]);
const optimizer = new Adam(model.parameters(), { lr: 0.01 });
export const step = compile((x: Tensor, y: Tensor): Tensor => {
  const loss = crossEntropy(model.forward(x), y);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  return loss;
});
export const history = fit(model, new TensorDataset(tensor([[1, 2]]), tensor([1], { dtype: "int32" })), {
  loss: crossEntropy,
  optimizer,
});
export const report: GradientReport = checkGradient(
  (x: number[]) => x[0]! ** 2,
  (x) => [2 * x[0]!],
  [3],
);
export const bytes: Uint8Array = encode(model.stateDict());
export const buffer: ArrayBuffer = encodeCheckpoint({ model, optimizer }).buffer;

// @ts-expect-error: sizes are numbers
new Linear("2", 1);
// @ts-expect-error: a name that there is not
tensor([1], { dtyp: "float64" });

/** The names of what is `any`, or a function that returns `any`: what a compiler makes of a type that it does not know. */
type Unknown<Module> = {
  [Name in keyof Module]: IsAny<Module[Name]> extends true
    ? Name
    : Module[Name] extends (...given: never) => infer Result
      ? IsAny<Result> extends true
        ? Name
        : never
      : never;
}[keyof Module];
type IsAny<T> = 0 extends 1 & T ? true : false;

export const none: readonly never[] = [] as readonly (
  | Unknown<typeof core>
  | Unknown<typeof blas>
  | Unknown<typeof compiler>
  | Unknown<typeof debug>
  | Unknown<typeof fastCheck>
  | Unknown<typeof gradcheck>
  | Unknown<typeof reporters>
  | Unknown<typeof safetensors>
  | Unknown<typeof mpi>
  | Unknown<typeof train>
)[];
