import { afterAll, expect } from "vitest";
import { threadsNow } from "../../src/compile/webassembly/heap.ts";
import { runtime } from "../../src/core/runtime.ts";
import { manualSeed, setDefaultDtype } from "../../src/index.ts";

// Files that share a process start with what a fresh one starts with, and leave nothing on that would change what those after them compute.

/** What is on in the whole process. */
function settings(): object {
  const { recording, undo, tracer, accelerators, defaultDtype, drawing, divisor } = runtime;
  return { recording, undo, tracer, accelerators: accelerators.length, defaultDtype, drawing: drawing ?? null, divisor: divisor ?? null, threads: threadsNow() }; // biome-ignore format: one line
}

const own = { recording: true, undo: null, tracer: null, accelerators: 0, defaultDtype: "float32", drawing: null, divisor: null, threads: 1 }; // biome-ignore format: one line

runtime.layers.clear(); // each recording of a compiled function looks at all layers there are: with those of other files, one of 20 ms took half a second
setDefaultDtype("float32"); // not in a hook: files make tensors while they are loaded
manualSeed(0);

afterAll(() => {
  const left = settings();
  setDefaultDtype("float32");
  runtime.accelerators.length = 0;
  expect(left, "what the file has left on").toEqual(own);
});
