import { Bench } from "tinybench";
import type { Spec } from "../spec.ts";
import type { Library, Task } from "./task.ts";

/** What a measuring process can be asked to do. `peers/pytorch.py` understands the same, but for `compileTimes`. */
export type Request =
  | { readonly do: "prepare"; readonly spec: Spec; readonly steps: number }
  | { readonly do: "sample"; readonly warmup: number; readonly ms: number }
  | { readonly do: "release" }
  | { readonly do: "compileTimes"; readonly spec: Spec };

export async function serve(request: Request, library: Library, tasks: Map<string, Task>): Promise<object> {
  switch (request.do) {
    case "prepare": {
      const task = library.task(request.spec);
      tasks.set("task", task);
      const check = await task.check();
      return { check, program: task.program?.() };
    }
    case "sample":
      return sample(tasks.get("task")!, request.warmup, request.ms);
    case "release":
      tasks.get("task")?.dispose?.();
      tasks.clear();
      globalThis.gc?.();
      return {};
    case "compileTimes":
      if (library.compileTimes === undefined) throw new Error("nothing to compile");
      return library.compileTimes(request.spec);
  }
}

/** The mean time of a run in microseconds: so what the garbage collector takes is in it. */
async function sample(task: Task, warmupTime: number, time: number): Promise<{ us: number; runs: number }> {
  const bench = new Bench({
    time,
    iterations: 1,
    warmup: warmupTime > 0,
    warmupTime,
    warmupIterations: 1,
    throws: true,
  });
  bench.add("task", task.run, { async: task.isAsync === true });
  await bench.run();
  const result = bench.tasks[0]!.result;
  if (result.state !== "completed") throw new Error(`the run is ${result.state}`);
  return { us: result.latency.mean * 1000, runs: result.latency.samplesCount };
}
