import { type Results, timeOf } from "./results.ts";
import { type ConvShape, convSize, readsOf, workloads } from "./spec.ts";

/** Something that the project wants to reach: a column of a workload against others. */
interface Target {
  readonly workload: string;
  readonly ours: "compiled" | "eager" | "compiled-system" | "threads" | "blas" | "revectorized";
  /** Against whom; or how many GFLOP/s; or the rate of the product of 1024 × 1024 matrices in the same run; or a copy for each window that is read. */
  readonly against:
    | "best peer"
    | "best JavaScript peer"
    | "PyTorch"
    | "GFLOP/s"
    | "the product’s rate"
    | "copies’ speed";
  readonly least: number;
}

const targets: readonly Target[] = [
  { workload: "A", ours: "compiled", against: "best peer", least: 30 },
  { workload: "A", ours: "eager", against: "best peer", least: 5 },
  { workload: "B", ours: "compiled", against: "PyTorch", least: 1.8 },
  { workload: "B", ours: "compiled", against: "best JavaScript peer", least: 2 },
  { workload: "B", ours: "eager", against: "PyTorch", least: 1 },
  { workload: "C", ours: "compiled", against: "best JavaScript peer", least: 1.8 },
  { workload: "C", ours: "threads", against: "PyTorch", least: 1 },
  { workload: "B", ours: "blas", against: "PyTorch", least: 1.7 },
  { workload: "C", ours: "blas", against: "PyTorch", least: 1.1 },
  { workload: "C", ours: "eager", against: "best JavaScript peer", least: 1.5 },
  { workload: "matmul 1024", ours: "compiled", against: "GFLOP/s", least: 50 },
  { workload: "matmul 1024", ours: "compiled-system", against: "GFLOP/s", least: 38 },
  { workload: "matmul 1024", ours: "eager", against: "GFLOP/s", least: 45 },
  { workload: "matmul 1024", ours: "revectorized", against: "GFLOP/s", least: 70 },
  { workload: "exp", ours: "revectorized", against: "PyTorch", least: 1 },
  { workload: "tanh", ours: "revectorized", against: "PyTorch", least: 1 },
  { workload: "exp", ours: "compiled", against: "PyTorch", least: 1 },
  { workload: "tanh", ours: "compiled", against: "PyTorch", least: 1 },
  { workload: "exp", ours: "eager", against: "best JavaScript peer", least: 2 },
  { workload: "tanh", ours: "eager", against: "best JavaScript peer", least: 2 },
  { workload: "chain", ours: "compiled", against: "PyTorch", least: 100 },
  { workload: "chain", ours: "eager", against: "PyTorch", least: 15 },
  { workload: "H", ours: "compiled-system", against: "PyTorch", least: 1 / 1.3 },
  { workload: "H", ours: "compiled", against: "PyTorch", least: 1 / 0.95 },
  { workload: "H", ours: "blas", against: "PyTorch", least: 1 / 0.65 },
  { workload: "D", ours: "compiled", against: "PyTorch", least: 1 / 1.9 },
  { workload: "D", ours: "blas", against: "PyTorch", least: 1 / 1.3 },
  { workload: "F", ours: "compiled", against: "PyTorch", least: 1 / 1.6 },
  { workload: "F", ours: "blas", against: "PyTorch", least: 1 },
  ...["D", "F", "G"].map((workload): Target => {
    return { workload, ours: "compiled", against: "best JavaScript peer", least: 3 };
  }),
  ...workloads.flatMap(({ id, spec }): Target[] => {
    if (spec.kind === "pool") return [{ workload: id, ours: "compiled", against: "copies’ speed", least: 1 / 1.7 }];
    if (spec.kind !== "conv") return [];
    const target = { workload: id, ours: "compiled" } as const;
    const peer = { ...target, against: "best JavaScript peer", least: 1.5 } as const;
    return [{ ...target, ...leastRate(spec) }, ...(spec.product === "forward" ? [peer] : [])]; // the others have few adjoints
  }),
];

function leastRate({ groups, stride, channels }: ConvShape): Pick<Target, "against" | "least"> {
  if (groups > 1) return { against: "copies’ speed", least: 1 / 1.7 };
  return { against: "the product’s rate", least: stride > 1 ? 0.85 : channels < 64 ? 0.88 : 0.95 };
}

const longestCompile = 15;

/** What the targets are compared with, and whether they are reached: a row each. What was not measured is left out. */
export function judged(results: Results): Record<string, string>[] {
  const rows = targets.flatMap((target) => {
    const measured = results.workloads.find(({ id }) => id === target.workload);
    if (measured === undefined) return [];
    const time = (id: string): number | undefined => timeOf(measured.outcomes[id]);
    // Eager code may have the compiler's kernels under it.
    const columns = target.ours === "eager" ? (["eager", "accelerated"] as const) : [target.ours];
    const factors = columns.flatMap((column) => {
      const own = time(column);
      const peers = isRate(target.against) ? ratesOf(results, target, column) : peersOf(results, target.against, time);
      const factor = own === undefined ? undefined : factorOf(target, own, peers);
      return factor === undefined ? [] : [{ column, factor }];
    });
    const best = factors.sort((a, b) => b.factor - a.factor)[0];
    const what = target.against === "GFLOP/s" ? "" : ` × ${target.against}`;
    return [
      {
        workload: target.workload,
        ours: target.ours,
        target: `${Number(target.least.toPrecision(3))}${what || " GFLOP/s"}`,
        measured: factors.map(({ column, factor }) => `${factor.toPrecision(3)}${what} (${column})`).join(", ") || "—",
        reached: best === undefined ? "not measured" : best.factor >= target.least ? "reached" : "not reached",
      },
    ];
  });
  const compile = results.compileTimes["B"];
  if (compile === undefined) return rows;
  const { first, later } = compile;
  return [
    ...rows,
    {
      workload: "B",
      ours: "compile time",
      target: `< ${longestCompile} ms`,
      measured: `${first.toFixed(1)} ms at first, ${later.toFixed(1)} ms later`,
      reached:
        first < longestCompile ? "reached" : later < longestCompile ? "reached but for the first" : "not reached",
    },
  ];
}

/** Times of those that count as opponents. */
function peersOf(
  { libraries }: Results,
  against: Target["against"],
  time: (id: string) => number | undefined,
): number[] {
  const counts = {
    "best peer": ["pytorch", "javascript"],
    "best JavaScript peer": ["javascript"],
    PyTorch: ["pytorch"],
  };
  const kinds = isRate(against) || against === "GFLOP/s" ? [] : counts[against];
  return libraries.filter(({ kind }) => kinds.includes(kind)).flatMap(({ id }) => time(id) ?? []);
}

const isRate = (against: Target["against"]): against is "the product’s rate" | "copies’ speed" =>
  against === "the product’s rate" || against === "copies’ speed";

/** How long a convolution would take at the rate of a product, or of copies of the windows that it reads. */
function ratesOf({ workloads: measured }: Results, { workload, against }: Target, column: string): number[] {
  const { spec } = workloads.find(({ id }) => id === workload)!;
  const us = (id: string): number | undefined => timeOf(measured.find((own) => own.id === id)?.outcomes[column]);
  const [product, copy] = [us("matmul 1024"), us("copy")];
  if (spec.kind === "pool") return copy === undefined ? [] : [copy * readsOf(spec)];
  if (spec.kind !== "conv") return [];
  if (against === "copies’ speed") return copy === undefined ? [] : [copy * spec.kernel ** 2];
  return product === undefined ? [] : [(product * convSize(spec)) / 1024 ** 3];
}

function factorOf({ workload, against }: Target, own: number, peers: readonly number[]): number | undefined {
  if (against !== "GFLOP/s") return peers.length === 0 ? undefined : Math.min(...peers) / own;
  const spec = workloads.find(({ id }) => id === workload)!.spec;
  return spec.kind === "matmul" ? (2 * spec.n ** 3) / own / 1000 : undefined;
}
