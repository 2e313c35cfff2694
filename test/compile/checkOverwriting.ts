import { compile } from "../../src/compile/index.ts";
import * as T from "../../src/index.ts";
import { difference } from "./opinions.ts";
import type { Apply } from "./randomProgram.ts";
import { hostedOp, raw, windowed } from "./randomStep.ts";

// A tensor gets what was made of itself, in one kernel, if possible in place; all ways to read it while it is overwritten.

const whole: readonly Apply[] = [
  (_, y) => T.mul(y, 0.5),
  (w) => T.apply(hostedOp, [w], undefined),
  (w) => T.sort(w, 0).values,
  (w, _, c) => T.argsort(w, c % 2).to(w.dtype),
  (w) => T.softmax(w, 1),
  (w, y) =>
    T.indexSelect(T.mul(w, 2), 0, T.clamp(T.floor(T.slice(T.reshape(y, [-1]), [0, w.shape[0]!])), 0, 1).to("int32")),
  (w) => T.expand(T.sum(w, 0), [...w.shape]),
  (w) => T.add(T.expand(T.sum(w, 1, { keepDims: true }), [...w.shape]), w),
  (w) => T.expand(T.max(w), [...w.shape]),
  (w, y) => T.add(T.matmul(y, w), T.transpose(w)),
  (w, y) => T.relu(T.sub(w, T.matmul(w, y))),
  (w, y) => T.sub(T.matmul(y, y), T.mul(w, 0.5)),
];

/** What is done with the old value besides. */
const others: readonly ((old: T.Tensor, y: T.Tensor) => T.Tensor | null)[] = [
  () => null,
  (old) => T.mul(old, 2),
  (old, y) => T.matmul(y, old),
  (old) => T.add(T.transpose(old), 1),
  (old, y) => T.add(old, y), // in the loop of what is made of y alone
];

export function checkOverwriting(): void {
  checkRefusals();
  for (const [number, fn] of [...windowed, ...raw, ...whole].entries()) {
    for (const other of others.flatMap((_, i) => [2 * i, 2 * i + 1])) {
      const n = 4 + (number % 2);
      const [alsoRead, isLater] = [others[other >> 1]!, other % 2 === 0]; // before the new value is there, or after
      const dtype = other % 4 < 2 ? "float64" : "float32";
      const generator = new T.Generator(number);
      const draw = (): T.Tensor => T.div(T.round(T.mul(T.randn([n, n], { dtype, generator }), 4)), 4);
      const make = () => {
        const w = T.zeros([n, n], { dtype });
        const step = (y: T.Tensor): T.Tensor | null => {
          const old = w.detach();
          const before = isLater ? null : alsoRead(old, y);
          w.assign(fn(old, y, number).detach());
          return isLater ? alsoRead(old, y) : before;
        };
        return { w, step };
      };
      const [eager, own] = [make(), make()];
      const compiled = compile(own.step, { verify: true });
      for (let run = 0; run < 3; run++) {
        const [value, y] = [draw(), draw()];
        for (const { w } of [eager, own]) w.assign(value);
        const [wanted, got] = [eager.step(y), compiled(y)];
        const fault =
          difference(own.w.detach(), eager.w.detach(), false) ?? (wanted && difference(got!, wanted, false));
        if (fault !== null) throw new Error(`overwriting ${number}, ${other}: run ${run}: ${fault}`);
      }
    }
  }
}

/** A function that fails half-way, and a check, leave what was to be overwritten before, by them, and after. */
function checkRefusals(): void {
  const [v, w, u] = [T.zeros([6]), T.zeros([6]), T.zeros([6])];
  const at = T.tensor([0, 1, 2, 3, 4, 5], { dtype: "int32" });
  const step = compile((x: T.Tensor, places: T.Tensor) => {
    v.assign(T.mul(x, 2));
    w.assign(T.apply(hostedOp, [x], undefined));
    u.assign(T.indexSelect(x, 0, places));
  });
  const good = T.tensor([1, 2, 3, 4, 5, 6]);
  step(good, at);
  const held = (): string => [v, w, u].map((x) => x.data.join()).join(" ");
  const before = held();
  for (const [x, places] of [
    [T.tensor([7, 7, 7, 7, 7, Number.NaN]), at],
    [T.tensor([8, 8, 8, 8, 8, 8]), T.tensor([0, 1, 2, 3, 4, 6], { dtype: "int32" })],
  ] as const) {
    try {
      step(x, places);
    } catch {
      if (held() !== before) throw new Error(`a step that was refused has left ${held()}`);
      continue;
    }
    throw new Error("a step was not refused");
  }
}
