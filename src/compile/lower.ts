import { isClass, TinygradError, textOf, ValueError } from "../core/errors.ts";
import type { Op } from "../core/op.ts";
import { sameShape } from "../core/shape.ts";
import { refuseMore } from "../core/surplus.ts";
import type { Builder, Value } from "./builder.ts";
import { checkedBuilder } from "./checkedBuilder.ts";
import { CompileError } from "./errors.ts";
import { faultOf, placesOf } from "./ir.ts";
import type { Call, Lowering, LoweringCall } from "./lowering.ts";
import { conversions } from "./lowerings/conversions.ts";
import { convolutions } from "./lowerings/convolution.ts";
import { elementwise } from "./lowerings/elementwise.ts";
import { gamma } from "./lowerings/gamma.ts";
import { checkIndex, indexing } from "./lowerings/indexing.ts";
import { inFloat64 } from "./lowerings/integers.ts";
import { movement } from "./lowerings/movement.ts";
import { pooling } from "./lowerings/pooling.ts";
import { reductions } from "./lowerings/reductions.ts";
import { special } from "./lowerings/special.ts";
import { others } from "./others.ts";

let table: Map<Op, (call: Call) => Value> | undefined;

/** The lowerings of the library's own ops. */
function own(): Map<Op, (call: Call) => Value> {
  table ??= new Map([
    ...elementwise.map(inFloat64),
    ...special,
    ...gamma,
    ...conversions,
    ...movement,
    ...reductions,
    ...convolutions,
    ...pooling,
    ...indexing,
  ]);
  return table;
}

/**
 * Says how your own op is compiled, so you can compile functions that use it. An op that is a function of other ops needs no lowering.
 *
 * You do not have to add anything for gradients: the rules of the op consist of ops, which compile. The lowering is called when a function is recorded, once for
 * each call of the op; it must compute what the op's `forward` does. The library does not check this: compare the two in a test.
 *
 * @param op - the op's record.
 * @param rule - writes one call of the op with the builder `b`, and returns the result, of the call's `shape` and `dtype`. What depends on the values of
 * inputs must not be decided in JavaScript: there are none yet.
 * @returns the record, which is unchanged.
 * @throws `ValueError` for anything that is not a record or a function, and for an op that has another lowering. A function that is being compiled throws a {@link CompileError}
 * that names the op, if the lowering returns another shape or dtype or uses the builder wrongly.
 * @example
 * import { apply, div, mul, type Op, sqrt, type Tensor, tensor } from "tinygrad-ts";
 * import { compile, lowering } from "tinygrad-ts/compile";
 *
 * const hypotOp: Op = {
 *   name: "hypot1",
 *   shape: ([x]) => x.shape,
 *   forward: (out, [x]) => {
 *     for (let i = 0; i < out.length; i++) out[i] = Math.sqrt(x.values[i] ** 2 + 1);
 *   },
 *   vjp: [({ g, x, y }) => mul(g, div(x, y))],
 * };
 * lowering(hypotOp, ({ b, x, dtype }) => b.unary("sqrt", b.binary("add", b.binary("mul", x, x), b.fill(1, [], dtype))));
 *
 * const f = compile((x: Tensor) => apply(hypotOp, [x], undefined));
 * f(tensor([0, 0.75])).toArray(); // → [1, 1.25]
 */
export function lowering<A>(op: Op<A>, rule: Lowering<A>): Op<A> {
  refuseMore("lowering", arguments, 2);
  if (typeof op?.shape !== "function" || typeof op.name !== "string") {
    throw new ValueError("lowering", "needs the record of an op", textOf(op), "write lowering(op, ({ b, x }) => …)");
  }
  if (typeof rule !== "function" || isClass(rule)) {
    throw new ValueError(
      "lowering",
      "the rule must be a function",
      textOf(rule),
      "write lowering(op, ({ b, x }) => …)",
    );
  }
  const known = own().get(op as Op) ?? others().get(op as Op);
  if (known !== undefined && known !== rule) {
    const hint = "a separate record can have another: { ...op }";
    throw new ValueError("lowering", "an op has one lowering", `another for ${op.name}`, hint);
  }
  if (known === undefined) others().set(op as Op, rule as Lowering);
  return op;
}

/** Whether an op can be compiled. */
export function isLowered(op: Op): boolean {
  return own().has(op) || others().has(op);
}

/**
 * Writes an op's call with the nodes of a graph.
 *
 * @throws {@link CompileError} that names the op, if none of its lowerings is known.
 */
export function lower(op: Op, call: Call): Value {
  call.b.op = op.name;
  const known = own().get(op);
  if (known !== undefined) return known(call);
  const rule = others().get(op);
  if (rule !== undefined) return byRule(op, rule, { ...call, shape: call.shape.slice() });
  const write =
    'say how it is compiled, lowering(op, ({ b, x }) => …) of "tinygrad-ts/compile", or call the op outside of the function';
  const isNamedAlike = [...own().keys()].some(({ name }) => name === op.name);
  const copies = isNamedAlike
    ? `if ${op.name} is the library's, two copies of the package are loaded: import it everywhere, or require it everywhere; else `
    : "";
  throw new CompileError("compile", "every op must have a lowering", op.name, copies + write);
}

/** Writes a call by a rule from outside, and checks all that it has written. */
function byRule(op: Op, rule: Lowering, call: Call): Value {
  const { b, shape, dtype } = call;
  const start = b.nodes.length;
  const y = written(op, rule, { ...call, b: checkedBuilder(b) });
  if (!b.hasMade(y)) {
    const hint = "return the value, and nothing that waits";
    throw new CompileError(op.name, "its lowering must return a value that this builder has made", textOf(y), hint);
  }
  expectSound(op, b, start);
  if (!sameShape(y.shape, shape) || y.dtype !== dtype) {
    const [got, wanted] = [`${y.dtype}[${y.shape}]`, `${dtype}[${shape}]`];
    const hint = "use b.cast, b.reshape or b.expand with the call's dtype and shape";
    throw new CompileError(op.name, `its lowering must return what the op does, ${wanted}`, got, hint);
  }
  expectPlaces(b, start, call.inputs);
  return y;
}

/** What a rule returns. Where an eager op has refused a value of the builder, the error says what to write instead. */
function written(op: Op, rule: Lowering, call: LoweringCall): unknown {
  try {
    return rule(call);
  } catch (error) {
    if (call.inputs.length === 0 || !(error instanceof TinygradError) || error.got !== textOf(call.x)) throw error;
    const hint = 'use b, as in b.binary("add", x, b.fill(1, [], dtype))';
    const refusal = new CompileError(op.name, "its lowering must not call eager ops, whose inputs are tensors", error.op, hint); // biome-ignore format: one line
    refusal.cause = error;
    throw refusal;
  }
}

function expectSound(op: Op, b: Builder, start: number): void {
  for (const node of b.nodes.slice(start)) {
    const fault = node.kind === "leaf" ? "it must not make inputs" : faultOf(node, b.nodes);
    if (fault !== null) throw new CompileError(op.name, `its lowering is wrong: ${fault}`, `a ${node.kind}`);
  }
}

/** Has runs end before a place is used that is none: other memory would be read, or written. */
function expectPlaces(b: Builder, start: number, inputs: readonly Value[]): void {
  for (const node of b.nodes.slice(start)) {
    const places = placesOf(node);
    if (places !== null) checkIndex(b, b.flat(places.at), b.nodes[places.x]!.size, inputs);
  }
}
