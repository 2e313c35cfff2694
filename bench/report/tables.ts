import { type LibraryFound, type Measured, type Outcome, type Results, spreadOf, timeOf } from "../results.ts";
import { convSize, type Spec, workloads as workloadsToMeasure } from "../spec.ts";
import { digits, duration } from "./format.ts";

// The tables of a run as rows of texts, for the terminal and for the page.

type Table = string[][];

/** Medians over rounds, and the spread. */
export function times({ libraries, workloads }: Results): Table {
  const shown = libraries.filter(({ failed }) => failed === undefined);
  return [
    ["", ...shown.map(({ label }) => label)],
    ...workloads.map(({ title, outcomes }) => [title, ...shown.map(({ id }) => cell(outcomes[id]))]),
  ];
}

function cell(outcome: Outcome | undefined): string {
  const us = timeOf(outcome);
  return us === undefined ? "—" : `${duration(us)} ±${Math.round(100 * spreadOf(outcome!))} %`;
}

/** How many times as long others take as our compiled program does. */
export function ratios({ libraries, workloads }: Results): Table {
  const others = libraries.filter(({ id, failed }) => failed === undefined && id !== "compiled");
  const ratio = ({ outcomes }: Measured, { id }: LibraryFound): string => {
    const [own, other] = [timeOf(outcomes["compiled"]), timeOf(outcomes[id])];
    return own === undefined || other === undefined ? "—" : `${digits(other / own)}×`;
  };
  return [
    ["", ...others.map(({ label }) => label)],
    ...workloads.map((workload) => [workload.title, ...others.map((other) => ratio(workload, other))]),
  ];
}

/** GFLOP/s of products of matrices. */
export function speeds({ libraries, workloads }: Results): Table {
  const shown = libraries.filter(({ failed }) => failed === undefined);
  const products = workloads.filter(({ id }) => id.startsWith("matmul "));
  return [
    ["", ...shown.map(({ label }) => label)],
    ...products.map(({ id, title, outcomes }) => {
      const flops = 2 * Number(id.slice("matmul ".length)) ** 3;
      const speed = (us: number | undefined): string => (us === undefined ? "—" : digits(flops / us / 1000));
      return [title, ...shown.map((library) => speed(timeOf(outcomes[library.id])))];
    }),
  ];
}

/** Convolutions: GFLOP/s, and as a share of the library's own product of 1024 × 1024 matrices; those by channel as a multiple of a copy of each window. */
export function convolutions({ libraries, workloads }: Results): Table {
  const rows = workloads.flatMap(({ id, outcomes }) => {
    const spec = specOf(id);
    return spec?.kind === "conv" ? [{ id, outcomes, spec }] : [];
  });
  const shown = libraries.filter(({ id }) => rows.some(({ outcomes }) => timeOf(outcomes[id]) !== undefined));
  return [
    ["", ...shown.map(({ label }) => label)],
    ...rows.map(({ id, spec, outcomes }) => [
      id,
      ...shown.map((library) => {
        const us = timeOf(outcomes[library.id]);
        if (us === undefined) return "—";
        const rate = (2 * convSize(spec)) / us / 1000;
        const [product, copy] = ["matmul 1024", "copy"].map((other) =>
          timeOf(workloads.find(({ id }) => id === other)?.outcomes[library.id]),
        );
        if (spec.groups > 1) {
          const copies = copy === undefined ? "" : ` (${digits(us / copy / spec.kernel ** 2)} copies a window)`;
          return `${duration(us)}${copies}`;
        }
        const share = product === undefined ? "" : ` (${Math.round(rate / (1024 ** 3 / product / 5e4))} %)`;
        return `${digits(rate)}${share}`;
      }),
    ]),
  ];
}

const specOf = (id: string): Spec | undefined => workloadsToMeasure.find((own) => own.id === id)?.spec;

/** Versions, and the time from a program's start to its first result. */
export function librariesTable({ libraries, coldStart }: Results): Table {
  return [
    ["", "version", "runs on", "import to first result"],
    ...libraries.map(({ id, label, version, runtime }) => {
      const ms = timeOf(coldStart[id]);
      return [label, version ?? "—", runtime ?? "—", ms === undefined ? "—" : duration(ms * 1000)];
    }),
  ];
}

export function compileTable({ compileTimes }: Results): Table {
  const ms = (value: number): string => `${digits(value)} ms`;
  return [
    ["", "first in a process", "later"],
    ...Object.entries(compileTimes).map(([id, { first, later }]) => [id, ms(first), ms(later)]),
  ];
}

export function sizesTable({ sizes }: Results): Table {
  return [
    ["", "minified and gzipped"],
    ...Object.entries(sizes).map(([name, bytes]) => [`\`${name}\``, `${(bytes / 1000).toFixed(1)} kB`]),
  ];
}

/** What did not work, and what is not quite the same: a sentence each. */
export function remarks({ libraries, workloads, curves, stream, coldStart }: Results): string[] {
  const remarks: string[] = [];
  const runtimeOf = (wanted: string): string | undefined => libraries.find(({ id }) => id === wanted)?.runtime;
  const runtime = runtimeOf("compiled");
  if (runtime !== undefined && runtime === runtimeOf("compiled-system")) {
    remarks.push(`there was no other Node than the installed one: everything ran on ${runtime}`);
  }
  for (const { id, label, failed, departs, remark } of libraries) {
    if (failed !== undefined) remarks.push(`${label} did not start: ${failed}`);
    if (remark !== undefined) remarks.push(`${label}: ${remark}`);
    if (departs !== undefined) remarks.push(`${label}: ${departs}`);
    const parts = [
      ...workloads.map((w) => [w.title, w.outcomes[id]] as const),
      ...curves.flatMap((c) => c.points.map((p) => [`${c.id} ${p.at}`, p.outcomes[id]] as const)),
      ["speed of memory", stream?.outcomes[id]] as const,
      ["cold start", coldStart[id]] as const,
    ];
    for (const [title, outcome] of failed === undefined ? parts : []) {
      if (outcome !== undefined && "failed" in outcome) remarks.push(`${label}, ${title}: ${outcome.failed}`);
    }
  }
  return remarks;
}
