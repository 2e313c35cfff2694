import { checkGradient } from "tinygrad-ts/gradcheck";
import { type Case, numbers, type Suite } from "../case.ts";

interface Tensor {
  readonly data: unknown;
  readonly shape: number[];
  readonly grad: unknown;
  backward(): void;
}
type Torch = Record<string, (...args: unknown[]) => Tensor> & {
  readonly nn: Record<string, new (...args: unknown[]) => { forward(...x: Tensor[]): Tensor }>;
};
type Row = readonly [
  name: string,
  shape: readonly number[],
  f: (torch: Torch, x: Tensor) => Tensor,
  positive?: boolean,
];

const fixed = (torch: Torch, shape: readonly number[]): Tensor =>
  torch["tensor"]!(
    nested(
      numbers(
        shape.reduce((a, b) => a * b, 1),
        true,
        3,
      ),
      shape,
    ),
  );

/** Row-major numbers as nested arrays. */
function nested(values: readonly number[], [first, ...rest]: readonly number[]): unknown {
  if (first === undefined) return values[0];
  const size = values.length / first;
  return Array.from({ length: first }, (_, i) => nested(values.slice(i * size, (i + 1) * size), rest));
}

const rows: readonly Row[] = [
  ...["exp", "neg"].map((name): Row => [name, [2, 3], (torch, x) => torch[name]!(x)]),
  ...["log", "sqrt"].map((name): Row => [name, [2, 3], (torch, x) => torch[name]!(x), true]),
  ...["add", "mul", "div"].flatMap((name): Row[] => [
    [`${name}, by a`, [2, 3], (torch, x) => torch[name]!(x, fixed(torch, [2, 3])), true],
    [`${name}, by b`, [2, 3], (torch, x) => torch[name]!(fixed(torch, [2, 3]), x), true],
    [`${name}, by b that is broadcast`, [3], (torch, x) => torch[name]!(fixed(torch, [2, 3]), x), true],
  ]),
  ["sub, by b", [2, 3], (torch, x) => (fixed(torch, [2, 3]) as unknown as { sub(x: Tensor): Tensor }).sub(x)],
  ["matmul, by a", [2, 3], (torch, x) => torch["matmul"]!(x, fixed(torch, [3, 2]))],
  ["matmul, by b", [3, 2], (torch, x) => torch["matmul"]!(fixed(torch, [2, 3]), x)],
  ["pow 2", [2, 3], (torch, x) => torch["pow"]!(x, 2)],
  ["pow 3", [2, 3], (torch, x) => torch["pow"]!(x, 3)],
  ["pow 0.5", [2, 3], (torch, x) => torch["pow"]!(x, 0.5), true],
  ["mean along axis 1", [2, 3], (torch, x) => torch["mean"]!(x, 1)],
  ["variance along axis 1", [2, 3], (torch, x) => torch["variance"]!(x, 1)],
  ["transpose", [2, 3], (torch, x) => torch["transpose"]!(x, 0, 1)],
  ["reshape", [2, 3], (torch, x) => torch["reshape"]!(x, [3, 2])],
  ["nn.ReLU", [2, 3], ({ nn }, x) => new nn["ReLU"]!().forward(x)],
  ["nn.Softmax", [2, 3], ({ nn }, x) => new nn["Softmax"]!().forward(x, -1 as never)],
  ["nn.MSELoss", [2, 3], (torch, x) => new torch.nn["MSELoss"]!().forward(x, fixed(torch, [2, 3]))],
  ["nn.LayerNorm", [2, 3], ({ nn }, x) => new nn["LayerNorm"]!(3).forward(x)],
];

/** js-pytorch. Its layers compute in double precision. What a function returns is weighted and added up, so that each result counts. */
export const jsPytorch: Suite = {
  name: "js-pytorch",
  async cases() {
    const { torch } = (await import("js-pytorch")) as unknown as { readonly torch: Torch };
    return rows.map(([name, shape, f, positive = false]): Case => {
      const at = numbers(
        shape.reduce((a, b) => a * b, 1),
        positive,
      );
      const leaf = (x: readonly number[]): Tensor => torch["tensor"]!(nested(x, shape), true);
      const weighted = (x: Tensor): Tensor => {
        const y = f(torch, x);
        const count = [y.data].flat(9).length;
        return torch["mul"]!(y, torch["tensor"]!(nested(numbers(count, true, 9), y.shape)));
      };
      const sum = (values: unknown): number => ([values].flat(9) as number[]).reduce((a, b) => a + b, 0);
      return {
        name,
        check: () =>
          checkGradient(
            (x: number[]) => sum(weighted(leaf(x)).data),
            (x: number[]) => {
              const input = leaf(x);
              weighted(input).backward(); // from a gradient of ones
              return [input.grad].flat(9) as number[];
            },
            at,
          ),
      };
    });
  },
};
