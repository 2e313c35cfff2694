import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as library from "tinygrad-ts";
import { describe, expect, test } from "vitest";
import { opsAndMethodsPage } from "../../docs/figures/opsAndMethods.ts";
import { TensorMethods } from "../../src/methods.ts";
import { root } from "./extract.ts";

const page = readFileSync(join(root, "docs/guide/ops-and-methods.md"), "utf8");

test("the tables are those of the sources", () => {
  expect(page, "npm run figure writes it").toBe(opsAndMethodsPage());
});

test("no method is left out", () => {
  for (const name of Object.getOwnPropertyNames(TensorMethods.prototype)) {
    if (name !== "constructor") expect(page, name).toMatch(new RegExp(`\\| \`x\\.${name}[(\`]`));
  }
});

test("what else a tensor has is named beside them", () => {
  const own = Object.getOwnPropertyNames(library.Tensor.prototype);
  const internal = ["constructor", "runtime", "values", "record", "requireTracked", "parse", "toJSON"];
  for (const name of own) if (!internal.includes(name)) expect(page, name).toMatch(new RegExp(`\`(x\\.)?${name}[(\`]`));
});

test("no function is left out", () => {
  for (const [name, value] of Object.entries(library)) {
    if (typeof value !== "function" || !/^[a-z]/.test(name)) continue;
    expect(page, name).toMatch(new RegExp(`\`(x\\.)?${name}[(\`]`));
  }
});

describe("typed arrays", () => {
  const globals = Object.getOwnPropertyNames(globalThis).filter((name) => /^[A-Z]\w*\d(Clamped)?Array$/.test(name));

  test("all classes of the platform are listed", () => {
    expect(globals.length).toBeGreaterThanOrEqual(11);
    for (const name of globals) expect(page).toContain(`| \`${name}\` |`);
  });

  test.each(globals)("%s has the dtype of the table", (name) => {
    const Class = globalThis[name as "Float32Array"];
    const { dtype } = library.tensor(new Class(2));
    expect(page).toContain(`| \`${name}\` | ${dtype} |`);
  });
});
