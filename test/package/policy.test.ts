import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Runs a program on the built package in a Node process of its own. */
function run(flags: readonly string[], program: string): string {
  return execFileSync(process.execPath, [...flags, "--input-type=module"], {
    cwd: root,
    input: program,
    encoding: "utf8",
  });
}

const program = `
  import { add, mul, tensor } from "tinygrad-ts";
  import { compile } from "tinygrad-ts/compile";
  const f = compile((x) => add(mul(x, 2), 1));
  f(tensor([1]));
`;

test("compiled programs run where code from strings is disallowed", () => {
  const code = `${program} try { new Function("return 1")(); console.log("allowed"); } catch { console.log(f(tensor([20])).item()); }`;
  expect(run(["--disallow-code-generation-from-strings"], code).trim()).toBe("41");
});

test("without WebAssembly, compile says so, and eager code works", () => {
  const code = `
    import { add, mul, tensor } from "tinygrad-ts";
    import { compile } from "tinygrad-ts/compile";
    delete globalThis.WebAssembly;
    const f = (x) => add(mul(x, 2), 1);
    try { compile(f)(tensor([1])); } catch (error) { console.log(error.name + " " + error.message); }
    console.log(f(tensor([20])).item());
  `;
  expect(run([], code)).toBe(
    "CompileError compile: needs WebAssembly, got an engine without it; eager code works everywhere\n41\n",
  );
});
