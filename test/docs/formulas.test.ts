import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as library from "tinygrad-ts";
import { expect, test } from "vitest";
import { formulas } from "../../docs/typedoc/formulas.ts";
import { recordsOf } from "../../docs/typedoc/ops/facts.ts";
import { samples } from "../../docs/typedoc/ops/samples.ts";
import { root } from "./extract.ts";

// What the reference shows first: what is computed, and its derivative.

const index = readFileSync(join(root, "src/index.ts"), "utf8");

/** What the main entry exports from a folder, of those that fit. */
function exportedFrom(folder: string, fits: (value: unknown, name: string) => boolean): string[] {
  return Array.from(index.matchAll(/^export \{([^}]*)\} from "\.\/(.*)";/gm))
    .filter(([, , file]) => file!.startsWith(`${folder}/`))
    .flatMap(([, names]) => names!.split(",").map((name) => name.trim()))
    .filter((name) => fits(library[name as keyof typeof library], name));
}

const extending =
  (base: { readonly prototype: object }) =>
  (value: unknown): boolean =>
    typeof value === "function" && (value.prototype as unknown) instanceof (base as unknown as new () => object);

const named = {
  ops: Object.keys(samples),
  losses: exportedFrom("loss", (value) => typeof value === "function"),
  layers: exportedFrom("nn", extending(library.Layer)),
  optimizers: exportedFrom("optim", extending(library.Optimizer)),
};

test("there is a formula for each op, loss, layer and optimizer", () => {
  for (const [kind, names] of Object.entries(named)) {
    expect(names.length, kind).toBeGreaterThan(9);
    expect(
      names.filter((name) => !(name in formulas)),
      `${kind} without a formula in docs/typedoc/formulas.ts`,
    ).toEqual([]);
  }
  expect(Object.keys(formulas).filter((name) => !(name in library))).toEqual([]);
});

test("a derivative stands beside each formula, but for what has none", () => {
  for (const [name, { derivative }] of Object.entries(formulas)) {
    const isOptimizer = extending(library.Optimizer)(library[name as keyof typeof library]) || name === "LBFGS";
    if (derivative !== undefined) expect(isOptimizer, name).toBe(false);
  }
  expect([...named.losses, ...named.layers].filter((name) => formulas[name]!.derivative === undefined)).toEqual([]);
  // Without one: what no gradient passes, and what is constant between its jumps.
  const jumps = [
    "ceil",
    "floor",
    "floorDivide",
    "round",
    "sign",
    "zerosLike",
    "onesLike",
    "fullLike",
    "unique",
    "bincount",
    "maxPoolIndices",
    "adaptiveMaxPoolIndices",
  ];
  const passes = Object.entries(samples)
    .filter(([name]) => formulas[name]!.derivative === undefined && !jumps.includes(name))
    .filter(([, sample]) => recordsOf(sample).some(({ vjp }) => vjp !== "nondifferentiable"));
  expect(passes.map(([name]) => name)).toEqual([]);
});
