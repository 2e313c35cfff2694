import { parseArgs } from "node:util";
import { contestants } from "./libraries.ts";
import { curves, workloads } from "./spec.ts";

const help = `npm run bench -- [options]

  --quick            fewer and shorter rounds, fewer points of curves; nothing is written
  --only A,B,…       some parts: ${[...workloads.map(({ id }) => id), ...curves.map(({ id }) => id)].join(", ")}, cold, compile, sizes;
                     "matmul" means all that begin with it; nothing is written
  --libraries x,y,…  some libraries: ${contestants()
    .map(({ id }) => id)
    .join(", ")}; nothing is written
  --render           measures nothing: writes the page and the figures again from bench/results.json
  --help

A full run writes bench/results.json, the tables of docs/guide/performance.md, and its figures.`;

export interface Options {
  readonly quick: boolean;
  readonly render: boolean;
  /** Whether everything is measured, so that it can be written down. */
  readonly full: boolean;
  readonly wants: (part: string) => boolean;
  readonly wantsLibrary: (id: string) => boolean;
}

/** Reads the command line; ends the process where there is nothing to do. */
export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      libraries: { type: "string" },
      render: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(help);
    process.exit(0);
  }
  const parts = values.only?.split(",").map((part) => part.trim());
  const libraries = values.libraries?.split(",").map((id) => id.trim());
  return {
    quick: values.quick,
    render: values.render,
    full: !values.quick && parts === undefined && libraries === undefined,
    wants: (part) => parts?.some((wanted) => part === wanted || part.startsWith(`${wanted} `)) ?? true,
    wantsLibrary: (id) => libraries?.includes(id) ?? true,
  };
}
