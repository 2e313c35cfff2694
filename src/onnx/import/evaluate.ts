import { isTinygradError } from "../../core/errors.ts";
import { runtime, withRecording, withState } from "../../core/runtime.ts";
import { OnnxError } from "../error.ts";
import type { Value } from "../tensors.ts";
import { checkRoom, guard, roomOf } from "./guard.ts";
import { Call, type Node, valuesOf } from "./node.ts";
import { rules } from "./rules.ts";

/** Computes a node, and adds what it makes to the values by name, each of at most `inRun` elements. What is known without the model's inputs is computed outside of recordings and gradients. */
export function evaluate(node: Node, opset: number, values: Map<string, Value>, inRun = roomOf(0, 0)): void {
  const inputs = node.inputs.map((name) => (name === "" ? null : values.get(name)!));
  const call = new Call(node, opset, inputs, inRun);
  const run = () => valuesOf(call, rules().get(node.type)!(call));
  const results = within(node, () => {
    if (call.isFixed) return withState("tracer", guard(), () => withRecording(false, run));
    if (runtime.tracer === null) return withState("tracer", guard(inRun), run);
    const found = run(); // whoever records or watches has no room taken yet, or is told of it by the op
    for (const { x } of found) checkRoom(node.place, x.sizes, inRun);
    return found;
  });
  node.outputs.forEach((name, i) => {
    if (name === "") return;
    const value = results[i];
    if (value === undefined) {
      throw new OnnxError("UNSUPPORTED", node.place, `gives ${results.length} results here`, `output ${i} asked for`);
    }
    values.set(name, value);
  });
}

/** An error of an op inside of a node names the node. */
function within<T>(node: Node, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (isTinygradError(error) && error.op !== node.place) throw error.within(node.place);
    throw error;
  }
}
