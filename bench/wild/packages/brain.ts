import { createRequire } from "node:module";
import { checkGradient } from "tinygrad-ts/gradcheck";
import { type Case, numbers, type Suite } from "../case.ts";

interface Network {
  biases: number[][];
  deltas: number[][];
  outputLayer: number;
  initialize(): void;
  setActivation(): void;
  runInput(input: number[]): ArrayLike<number>;
  calculateDeltas(target: number[]): void;
}
interface Matrix {
  weights: number[] | Float64Array;
  deltas: number[] | Float64Array;
}

const input = [0.3, -0.8];
const target = [0.4, 0.9];

/** brain.js: the deltas of its networks, which are minus the derivative of half the squared error by each bias, and the matrix functions of its recurrent networks. */
export const brain: Suite = {
  name: "brain.js",
  cases() {
    const require = createRequire(import.meta.url);
    const { NeuralNetwork } = require("brain.js") as { readonly NeuralNetwork: new (options: object) => Network };
    const networks = ["sigmoid", "tanh", "relu", "leaky-relu"].map((activation): Case => {
      const network = new NeuralNetwork({ activation, hiddenLayers: [4] });
      Object.assign(network, { sizes: [2, 4, 2] });
      network.initialize();
      network.setActivation();
      const weights = (network as unknown as { weights: number[][][] }).weights;
      for (const [layer, rows] of weights.entries()) {
        for (const [node, row] of (rows ?? []).entries())
          weights[layer]![node] = numbers(row.length, false, layer * 10 + node);
      }
      const put = (x: ArrayLike<number>): void => {
        network.biases[1] = Array.from({ length: 4 }, (_, i) => x[i]!);
        network.biases[2] = Array.from({ length: 2 }, (_, i) => x[4 + i]!);
      };
      return {
        name: `deltas, ${activation}`,
        check: () =>
          checkGradient(
            (x: number[]) => {
              put(x);
              const output = network.runInput(input);
              return target.reduce((sum, wanted, i) => sum + 0.5 * (wanted - output[i]!) ** 2, 0);
            },
            (x: number[]) => {
              put(x);
              network.runInput(input);
              network.calculateDeltas(target);
              return [...network.deltas[1]!, ...network.deltas[2]!].map((delta) => -delta);
            },
            numbers(6),
            { precision: "float32" }, // its outputs are in Float32Arrays
          ),
      };
    });
    const folder = "brain.js/dist/recurrent/matrix";
    const load = (file: string): ((...args: unknown[]) => void) =>
      (require(`${folder}/${file}`) as { readonly default: never }).default;
    const MatrixOf = load("index") as unknown as new (rows: number, columns: number) => Matrix;
    const matrix = (rows: number, columns: number, values?: ArrayLike<number>): Matrix => {
      const made = new MatrixOf(rows, columns);
      for (let i = 0; i < rows * columns; i++) made.weights[i] = values?.[i] ?? 0;
      return made;
    };
    type Side = "left" | "right";
    const matrixCase = (
      file: string,
      side: Side,
      [rows, columns]: readonly [number, number],
      other: readonly [number, number] | null,
      result: readonly [number, number],
    ): Case => {
      const run = (
        x: ArrayLike<number>,
      ): { readonly own: Matrix; readonly product: Matrix; readonly args: Matrix[] } => {
        const own = matrix(rows, columns, x);
        const args = other === null ? [own] : [matrix(...other, numbers(other[0] * other[1], false, 4))];
        if (other !== null) args.splice(side === "left" ? 0 : 1, 0, own);
        const product = matrix(...result);
        load(file)(product, ...args);
        return { own, product, args };
      };
      const factors = numbers(result[0] * result[1], true, 9);
      return {
        name: other === null ? file : `${file}, ${side}`,
        check: () =>
          checkGradient(
            (x: number[]) => factors.reduce((sum, factor, i) => sum + factor * run(x).product.weights[i]!, 0),
            (x: number[]) => {
              const { own, product, args } = run(x);
              for (const [i, factor] of factors.entries()) product.deltas[i] = factor;
              load(`${file}-b`)(product, ...args);
              return Array.from(own.deltas);
            },
            numbers(rows * columns),
            { precision: "float32" },
          ),
      };
    };
    const plain: readonly [number, number] = [2, 3];
    return [
      ...networks,
      ...["relu", "sigmoid", "tanh"].map((file) => matrixCase(file, "left", plain, null, plain)),
      ...["add", "multiply-element"].flatMap((file) =>
        (["left", "right"] as const).map((side) => matrixCase(file, side, plain, plain, plain)),
      ),
      matrixCase("multiply", "left", [2, 3], [3, 2], [2, 2]),
      matrixCase("multiply", "right", [3, 2], [2, 3], [2, 2]),
    ];
  },
};
