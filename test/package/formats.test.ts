import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { type Packed, packInto, unpackInto } from "./tarball.ts";

// The package as users get it: packed, unpacked into another project's node_modules, and used from there.
// `npm run build` first: the tarball holds dist/ as it is.

const root = fileURLToPath(new URL("../../", import.meta.url));
const project = mkdtempSync(join(tmpdir(), "tinygrad-ts-"));
const installed = join(project, "node_modules", "tinygrad-ts");
let packed: Packed;

beforeAll(() => {
  packed = packInto(project);
  unpackInto(installed, packed);
  symlinkSync(join(root, "node_modules/fast-check"), join(project, "node_modules/fast-check"), "junction");
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

/** The files that a part of package.json's `exports` names. */
function filesIn(part: unknown): string[] {
  return typeof part === "string" ? [part.replace("./", "")] : Object.values(part as object).flatMap(filesIn);
}

/** Runs a program of the user's project and returns what it prints as JSON. */
function run(file: string, code: string | undefined, flags: readonly string[] = []): unknown {
  if (code !== undefined) writeFileSync(join(project, file), code);
  return JSON.parse(execFileSync(process.execPath, [...flags, file], { cwd: project, encoding: "utf8" }));
}

test("the tarball holds the build and the papers, nothing else", () => {
  const named = Object.values(manifest.exports).flatMap(filesIn);
  const papers = ["CHANGELOG.md", "LICENSE", "README.md", "README.zh-CN.md", "licenses/protobuf.txt", "package.json"];
  const isShared = (path: string): boolean => /^dist\/([\w]+-[\w-]{8}\.d\.cts|(chunk|itself)-\w+\.c?js)$/.test(path);
  const expected = new Set([...papers, ...named]);
  expect(packed.paths.filter((path) => !isShared(path))).toEqual([...expected].sort());
});

test("it takes at most 4 MB when it is installed", () => {
  expect(packed.size).toBeLessThan(4e6);
});

const use = `
  const x = tensor([-1, 2], { requiresGrad: true });
  relu(x).mul(x).sum().backward();
  console.log(JSON.stringify([...x.grad.data]));
`;

test("ESM imports it", () => {
  expect(run("esm.mjs", `import { relu, tensor } from "tinygrad-ts"; ${use}`)).toEqual([0, 4]);
});

test("CommonJS requires it", () => {
  expect(run("cjs.cjs", `const { relu, tensor } = require("tinygrad-ts"); ${use}`)).toEqual([0, 4]);
});

test.each([
  "",
  "/compile",
  "/blas",
  "/mpi",
  "/gradcheck",
  "/safetensors",
  "/model",
  "/onnx",
  "/node",
  "/debug",
  "/reporters",
  "/train",
  "/fast-check",
])("both formats of tinygrad-ts%s export the same names", (subpath) => {
  const code = `
    import { createRequire } from "node:module";
    import * as esm from "tinygrad-ts${subpath}";
    const cjs = createRequire(import.meta.url)("tinygrad-ts${subpath}");
    console.log(JSON.stringify([Object.keys(esm).sort(), Object.keys(cjs).sort()]));
  `;
  const [esm, cjs] = run("names.mjs", code) as [string[], string[]];
  expect(esm).toEqual(cjs);
  expect(esm.length).toBeGreaterThan(0);
});

test("an error of one subpath is an error of the other", () => {
  const code = `
    import { TinygradError } from "tinygrad-ts";
    import { assertGradient, GradientError } from "tinygrad-ts/gradcheck";
    try { assertGradient((x) => x * x, (x) => x, 3); } catch (error) {
      console.log(JSON.stringify([error instanceof TinygradError, error instanceof GradientError, error.name]));
    }
  `;
  expect(run("errors.mjs", code)).toEqual([true, true, "GradientError"]);
});

test.each([
  ["ESM", "one.mjs", (names: string, module: string) => `import { ${names} } from "${module}";`],
  ["CommonJS", "one.cjs", (names: string, module: string) => `const { ${names} } = require("${module}");`],
])("in %s, tensors and errors of all subpaths are of one class", (_, file, line) => {
  const code = `
    ${line("Tensor, TinygradError, tensor, mlp, Layer", "tinygrad-ts")}
    ${line("decode, encode", "tinygrad-ts/safetensors")}
    ${line("TensorDataset, batches", "tinygrad-ts/train")}
    ${line("explain, detectAnomaly", "tinygrad-ts/debug")}
    const isOurs = (run) => { try { run(); } catch (error) { return error instanceof TinygradError; } };
    const x = decode(encode({ x: tensor([1, 2]) })).get("x");
    const [[y]] = [...batches(new TensorDataset(x, x), { shuffle: false })];
    const w = tensor([0], { requiresGrad: true });
    console.log(JSON.stringify([x instanceof Tensor, y instanceof Tensor, mlp([1, 1]) instanceof Layer,
      isOurs(() => decode(new Uint8Array())), isOurs(() => batches(3)), isOurs(() => explain(tensor(1))),
      isOurs(() => detectAnomaly(() => tensor([1]).div(0))), explain(w.sum()).steps.length]));
  `;
  expect(run(file, code)).toEqual([true, true, true, true, true, true, true, 2]);
});

test("one format trains the other's model with the other's data", () => {
  const code = `
    import { createRequire } from "node:module";
    import { Linear, mse, SGD } from "tinygrad-ts";
    import { batches, earlyStopping, TensorDataset } from "tinygrad-ts/train";
    const { batches: inBatches, fit, predict, trainTestSplit } = createRequire(import.meta.url)("tinygrad-ts/train");
    const model = new Linear(1, 1);
    const options = { loss: mse, optimizer: new SGD(model.parameters(), { lr: 0.1 }), epochs: 200 };
    const data = new TensorDataset([[0], [1]], [[1], [3]]);
    const seen = [];
    const callbacks = [earlyStopping({ monitor: "loss", patience: 200 }), { onStep: ({ batches }) => seen.push(batches) }];
    await fit(model, data, { ...options, batchSize: 1 });
    await fit(model, batches(data, { batchSize: 1 }), { ...options, epochs: 1, callbacks });
    console.log(JSON.stringify([predict(model, data).toArray().flat().map(Math.round), seen,
      inBatches(data).length, trainTestSplit(data).map(({ size }) => size)]));
  `;
  expect(run("mixed.mjs", code)).toEqual([[1, 3], [2, 2], 1, [1, 1]]);
});

test("its types serve both formats and need no types but ECMAScript's", () => {
  const code = `
    import { Linear, type Tensor, tensor } from "tinygrad-ts";
    import { checkGradient, type GradientReport } from "tinygrad-ts/gradcheck";
    export const report: GradientReport = checkGradient((x: number[]) => x[0]!, () => [1], [3]);
    export const y: Tensor = new Linear(2, 1).forward(tensor([[1, 2]]));
    // @ts-expect-error: sizes are numbers
    new Linear("2", 1);
  `;
  // What was required is of the types of what is imported.
  const mixed = `import { add } from "tinygrad-ts"; import { y } from "./types.cjs"; add(y, y);`;
  for (const file of ["types.mts", "types.cts"]) writeFileSync(join(project, file), code);
  writeFileSync(join(project, "mixed.mts"), mixed);
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const options = "--noEmit --strict --exactOptionalPropertyTypes --target es2022 --lib es2022 --module node16";
  try {
    execFileSync(process.execPath, [tsc, ...options.split(" "), "types.mts", "types.cts", "mixed.mts"], {
      cwd: project,
    });
  } catch (error) {
    expect(String((error as { stdout?: Buffer }).stdout)).toBe("");
    throw error;
  }
});

const expected = {
  fell: true,
  keys: ["layers.0.weight", "layers.0.bias", "layers.2.weight", "layers.2.bias"],
  same: true,
  grad: [2, 4, 6],
};

test.each([{ flags: [] }, { flags: ["--disallow-code-generation-from-strings", "--disable-proto=throw"] }])(
  "a whole program runs under node $flags",
  ({ flags }) => {
    copyFileSync(join(root, "test/package/hardened.mjs"), join(project, "hardened.mjs"));
    expect(run("hardened.mjs", undefined, flags)).toEqual(expected);
  },
);
