import { isTinygradError } from "../../core/errors.ts";
import { withRecording, withState } from "../../core/runtime.ts";
import { OnnxError } from "../error.ts";
import type { Value } from "../tensors.ts";
import { guard } from "./guard.ts";
import { Call, type Node, valuesOf } from "./node.ts";
import { rules } from "./rules.ts";

/** Computes a node, and adds what it makes to the values by name. What is known without the model's inputs is computed outside of recordings and gradients. */
export function evaluate(node: Node, opset: number, values: Map<string, Value>): void {
  const inputs = node.inputs.map((name) => (name === "" ? null : values.get(name)!));
  const call = new Call(node, opset, inputs);
  const run = () => valuesOf(call, rules().get(node.type)!(call));
  const results = within(node, () =>
    call.isFixed ? withState("tracer", guard(), () => withRecording(false, run)) : run(),
  );
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
