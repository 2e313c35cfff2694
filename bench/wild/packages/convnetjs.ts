import { checkGradient } from "tinygrad-ts/gradcheck";
import { type Case, numbers, type Suite } from "../case.ts";

interface Vol {
  w: Float64Array;
  dw: Float64Array;
}
interface Layer {
  forward(x: Vol, isTraining: boolean): Vol;
  backward(y?: unknown): number | undefined;
}
type Library = Record<string, new (...args: never[]) => never>;
type Row = readonly [name: string, size: readonly [x: number, y: number, depth: number], options: object];

const rows: readonly Row[] = [
  ["ConvLayer", [4, 4, 2], { sx: 3, filters: 2, stride: 1, pad: 1 }],
  ["ConvLayer", [5, 5, 1], { sx: 2, filters: 2, stride: 2 }],
  ["FullyConnLayer", [1, 1, 6], { num_neurons: 3 }],
  ["PoolLayer", [4, 4, 2], { sx: 2, stride: 2 }],
  ["TanhLayer", [1, 1, 5], {}],
  ["SigmoidLayer", [1, 1, 5], {}],
  ["ReluLayer", [1, 1, 5], {}],
  ["MaxoutLayer", [1, 1, 6], { group_size: 2 }],
  ["LocalResponseNormalizationLayer", [2, 2, 6], { k: 1, n: 3, alpha: 0.5, beta: 0.75 }],
  ["QuadTransformLayer", [1, 1, 4], {}],
];
const losses: readonly (readonly [name: string, target: unknown])[] = [
  ["SoftmaxLayer", 2],
  ["SVMLayer", 2],
  ["RegressionLayer", [0.3, -0.2, 0.9, 0.4]],
];

/** ConvNetJS: each layer's backward pass, which adds to `dw` of its input. */
export const convnetjs: Suite = {
  name: "convnetjs",
  async cases() {
    const library = ((await import("convnetjs")) as unknown as { readonly default: Library }).default;
    const make = (name: string, options: object): Layer =>
      new (library[name] as unknown as new (options: object) => Layer)(options);
    const volume = (size: Row[1], x: ArrayLike<number>): Vol => {
      const v = new (library["Vol"] as unknown as new (x: number, y: number, depth: number, value: number) => Vol)(
        ...size,
        0,
      );
      v.w = Float64Array.from(x);
      return v;
    };
    const sized = ([x, y, depth]: Row[1]): object => ({ in_sx: x, in_sy: y, in_depth: depth });
    const layers = rows.map(([name, size, options]): Case => {
      const layer = make(name, { ...sized(size), ...options });
      const weights = (n: number): number[] => numbers(n, true, 9);
      return {
        name: `${name}(${size.join(" × ")})`,
        check: () =>
          checkGradient(
            (x: number[]) => {
              const { w } = layer.forward(volume(size, x), false);
              const factors = weights(w.length);
              return w.reduce((sum, value, i) => sum + value * factors[i]!, 0);
            },
            (x: number[]) => {
              const input = volume(size, x);
              const output = layer.forward(input, false);
              output.dw = Float64Array.from(weights(output.w.length));
              layer.backward();
              return Array.from(input.dw);
            },
            numbers(size[0] * size[1] * size[2]),
          ),
      };
    });
    const heads = losses.map(([name, target]): Case => {
      const layer = make(name, { ...sized([1, 1, 4]), num_classes: 4, num_neurons: 4 });
      return {
        name,
        check: () =>
          checkGradient(
            (x: number[]) => {
              layer.forward(volume([1, 1, 4], x), false);
              return layer.backward(target)!;
            },
            (x: number[]) => {
              const input = volume([1, 1, 4], x);
              layer.forward(input, false);
              layer.backward(target);
              return Array.from(input.dw);
            },
            numbers(4),
          ),
      };
    });
    return [...layers, ...heads];
  },
};
