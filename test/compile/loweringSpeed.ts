// What an op of your own costs, eager and compiled, and what a call from a program to JavaScript does: npm run example test/compile/loweringSpeed.ts
import { apply, div, mul, type Op, ones, sqrt, type Tensor, tensor } from "tinygrad-ts";
import { compile, lowering } from "tinygrad-ts/compile";

/** The median time of a call, in microseconds, of several functions in turn. */
function measure(fns: readonly (() => unknown)[], calls: number, rounds = 31): number[] {
  const times = fns.map((): number[] => []);
  for (const fn of fns) for (let i = 0; i < calls; i++) fn();
  for (let round = 0; round < rounds; round++) {
    fns.forEach((fn, k) => {
      const start = performance.now();
      for (let i = 0; i < calls; i++) fn();
      times[k]!.push(((performance.now() - start) * 1000) / calls);
    });
  }
  return times.map((own) => own.sort((a, b) => a - b)[rounds >> 1]!);
}

const smoothOp: Op = {
  name: "smooth",
  shape: ([x]) => x!.shape,
  forward: (out, [x]) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.sqrt(x!.values[i]! ** 2 + 1);
  },
  vjp: [({ g, x, y }) => mul(g, div(x, y))],
};
lowering(smoothOp, ({ b, x, dtype }) => b.unary("sqrt", b.binary("add", b.binary("mul", x, x), b.fill(1, [], dtype))));
const smooth = (x: Tensor): Tensor => apply(smoothOp, [x], undefined);
const composed = (x: Tensor): Tensor => sqrt(mul(x, x).add(1));
const x = ones([100_000]);
const [eager, eagerComposed, own, other] = measure(
  [smooth, composed, compile(smooth), compile(composed)].map((f) => () => f(x)),
  20,
);
const line = (what: string, time: number): void => console.log(`${what.padEnd(56)} ${time.toFixed(1)} µs`);
line("√(x² + 1) of 100,000 float32, op of your own, eager", eager!);
line("the same as a function of ops, eager", eagerComposed!);
line("op of your own with a lowering, compiled", own!);
line("the same as a function of ops, compiled", other!);

// A program with many host calls that do nothing, and one with a single one: the difference is theirs.
const withCalls = (count: number): ((x: Tensor) => Tensor) => {
  const op: Op = {
    name: "called",
    shape: ([v]) => v!.shape,
    forward: (out, [v]) => out.set(v!.values),
    vjp: [({ g }) => g],
  };
  lowering(op, ({ b, x: v, shape, dtype }) => {
    let y = v;
    for (let i = 0; i < count; i++) y = b.host(([from], [to]) => to!.set(from!), [y], [shape], dtype)[0]!;
    return y;
  });
  return compile((v: Tensor) => apply(op, [v], undefined));
};
const [many, one] = [withCalls(1001), withCalls(1)];
const small = tensor([1]);
const [timeOfMany, timeOfOne] = measure([() => many(small), () => one(small)], 300);
console.log(`${"a host call, beside the function's own time".padEnd(56)} ${(timeOfMany! - timeOfOne!).toFixed(0)} ns`);
