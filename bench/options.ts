import { parseArgs } from "node:util";
import { contestants } from "./libraries.ts";
import { curves, workloads } from "./spec.ts";

const parts = [...[...workloads, ...curves].map(({ id }) => id), "cold", "compile", "sizes"];
const libraries = contestants.map(({ id }) => id);

const help = `npm run bench -- [options]

  --quick            fewer and shorter rounds, fewer points of curves; nothing is written
  --only A,B,…       some parts: ${parts.join(", ")};
                     "matmul" means all that begin with it; nothing is written,
                     but for sizes alone, which are the same on each machine: they are written
  --libraries x,y,…  some libraries: ${libraries.join(", ")}; nothing is written
  --write            with --only: puts what was measured into bench/results.json and the page, beside what stands there
  --against DIR      times this build and that of another checkout of the repository, in turns, and prints the ratio of their
                     times; both must be built (npx tsup). By default all workloads but H, eager and compiled; nothing is written
  --render           measures nothing: writes the page and the figure again from bench/results.json
  --help

A full run writes bench/results.json, the tables of docs/guide/performance.md, and its figure.`;

export interface Options {
  readonly quick: boolean;
  readonly render: boolean;
  /** Whether some parts are to be written down. */
  readonly write: boolean;
  /** Another checkout, to compare with. */
  readonly against: string | undefined;
  /** Whether everything is measured, so that it can be written down. */
  readonly full: boolean;
  /** Whether nothing but the sizes is wanted: they are counted, and may be written down by themselves. */
  readonly sizesOnly: boolean;
  readonly wants: (part: string) => boolean;
  readonly wantsLibrary: (id: string) => boolean;
}

const matches = (name: string, wanted: string): boolean => name === wanted || name.startsWith(`${wanted} `);

/** Reads the command line; ends the process where there is nothing to do. */
export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      libraries: { type: "string" },
      write: { type: "boolean", default: false },
      against: { type: "string" },
      render: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(help);
    process.exit(0);
  }
  return {
    quick: values.quick,
    render: values.render,
    write: values.write && !values.quick && values.libraries === undefined,
    against: values.against,
    full: !values.quick && values.only === undefined && values.libraries === undefined,
    sizesOnly: values.only === "sizes",
    wants: chooser(values.only, parts),
    wantsLibrary: chooser(values.libraries, libraries),
  };
}

/** Says whether a name is on a list; without a list, all are. */
function chooser(list: string | undefined, names: readonly string[]): (name: string) => boolean {
  const wanted = list?.split(",").map((name) => name.trim());
  const unknown = wanted?.find((wanted) => !names.some((name) => matches(name, wanted)));
  if (unknown !== undefined) {
    console.error(`There is no "${unknown}", but ${names.join(", ")}`);
    process.exit(1);
  }
  return (name) => wanted?.some((wanted) => matches(name, wanted)) ?? true;
}
