import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { minify as minifyCode } from "terser";
import { expect, test } from "vitest";
import { sizes } from "../../bench/drive/sizes.ts";

// What users' bundlers make of the built package. `npm run build` first: these tests read dist/.

/** Most bytes that a program may weigh, minified and gzipped. */
const budgets = {
  training: 29_200, // 65 so that float64 weights are taken where they do not become infinite; 95 so that methods of layers, optimizers and tensors refuse arguments that they would ignore; 30 for layers that are made again before they are saved; 40 so that compiled functions see what only asks whether a tensor requires a gradient, and what a captured graph needs
  error: 600,
  gradcheck: 28_200, // 50 for values along a line, which numericalGradient asks for, too; 0.35 kB for means in float32 at two widths, for jumps of the curvature, and for gradients that jump at kinks; 200 so that a jump far from x does not pass for a staircase, nor what rounds a factor for a wrong gradient; 480 for looking whether f rounds anything larger than itself, so that wrong gradients of small functions are called wrong; 20 so that the report claims nothing of entries where nothing was tested; 0.5 kB so that wrong gradients in float32 are called wrong; 0.3 kB for means of many estimates; 1.2 kB for a tiny f with a 1 inside it, and for hints that are tried before they are named; 21,800; 700 for what a gradient of 0 shows beside large constants, for waves of a few roundings, and for what is said of other forms and precisions; 1,000 for looking for jumps of f, so that small differences of large numbers are not called wrong; 200 for refusing arguments too many; and 500 for asking for the gradient beside x, so that waves which f rounds away are not called wrong
  numerical: 14_450, // 1 kB for looking whether f jumps, so that the slope of one stair is not taken for that of f; 200 for texts of what f returned; 100 for what is said of other forms; 200 for refusing arguments too many, 200 for looking closer at waves
  compile: 105_700, // 20 so that a recording which differs says so; 115 for the same arguments, and for lists that are copied; 0.05 kB for edges of a few ops; 0.3 kB for looks at layers that functions share; 1.1 kB for modes, gradients and requiresGrad that are set, cleared or asked about, and for errors about values that are caught; 0.25 kB for the larger of two, and for masks, by an instruction each; 0.6 kB for first calls that make something and are not what later calls are; 0.5 kB for tensors that a function keeps, and for hints about what PyTorch returns in pairs; 0.2 kB for generators that are seeded, chosen or read in another way at each call; 0.9 kB for layers beside what a program reads, and for what is made and kept at any recording; it knows all ops, with their eager kernels: those of convolution are 4 kB, of pooling and interpolation 4 kB, the special functions 10 kB; 0.3 kB so that BLAS can have convolutions; 0.5 kB for arguments and fields that are what they are to eager code; 2.2 kB for what rules from outside give to the builder, and for all that is in objects that are arguments; 0.7 kB for first calls that make fewer objects and look at less
  safetensors: 6_000,
  onnx: 87_250, // 150 for the same; 100 for edges of a few ops; 50 for what compiled functions see of tensors; 200 for what is distinct among known elements; 100 for hints about pairs; it knows all operators, and with them all ops; the reader and writer of protobuf are 4 kB; trials at many sizes, which find out what depends on a size, 3 kB; merging what is scattered, cubic samples, angles and exact remainders, and texts that say what to write, 1.4 kB; the checks of losses, which a file leaves out, tables cut to a length, and what must not be in names, 1.1 kB
  model: 66_150, // 400 for lists that are copied, results that say that they are no tuples, norms without biases, and arguments that would be ignored; 900 for making a model again before it is saved, so that none is saved as another; 200 for what forward does not return, and indices that PyTorch returns; 300 for results of recurrent layers that are taken apart; 600 for refusing arguments too many; it knows all layers by name: those with attention and recurrence are 5 kB, those of convolution 4 kB, those of images 7 kB
  fit: 49_400, // 65 for the same weights; 105 for arguments that would be ignored; 200 for what to write where targets do not fit; 480 so that a run resumed after an error between two steps does what was left, each thing once, and refuses another batch size within an epoch; 40 for the same; 20 so that nothing is overwritten where a compile that was given does not compile; 100 for indices that are not there; 46,000; 200 for refusing arguments too many; 0.4 kB for processes that share a training; windows of shared buffers, which make small eager steps faster; what decides whether to compile; a transform of batches
  /** Where the bundler makes files of it: ops and losses that the compiler knows, too, come to the first ones. */
  fitInFiles: 67_950, // 220 for arguments that would be ignored; 200 for what to write where targets do not fit; 560 so that a run resumed after an error between two steps does what was left; 90 for what compiled functions see of tensors; 30 so that a loop over a maximum may be left at its second row
  debug: 8_600, // of this and the next two, esbuild's bytes are counted
  blas: 6_600, // 6,400 by terser: 3,500; 2.7 kB for convolutions, which the compiler brings no code for
  mpi: 12_300, // 0.7 kB for means over weights of all ranks, generators that begin to draw later, and texts that say what to write; 0.9 kB for gradients that are added by parameter, and validation in pieces; 9,850 by terser: 7,700; 0.6 kB that notice weights that drift apart, another loss or other data on a rank, sums that int32 cannot hold and workers that have ended; and 0.9 kB that name the first tensor, option or line of the model that ranks have otherwise
};

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Bundles a program that imports the package by its name, which resolves through `exports` in package.json to dist/: esbuild bundles and
 * shakes, terser minifies. Where two bundles are compared, esbuild minifies as well: that is nearly as small, in a tenth of the time.
 */
async function bundle(
  program: string,
  minifier: "terser" | "esbuild" | "none" = "terser",
  external: string[] = [],
): Promise<string> {
  const result = await build({
    stdin: { contents: program, resolveDir: root, sourcefile: "program.mjs" },
    absWorkingDir: root,
    bundle: true,
    external: ["./itself-*", ...external], // the first is what `fit` loads later, if at all
    format: "esm",
    platform: "browser",
    target: "es2022",
    tsconfigRaw: {}, // not our tsconfig.json, whose `paths` lead to src/
    minify: minifier === "esbuild",
    metafile: true,
    write: false,
  });
  const inputs = Object.keys(result.metafile.inputs);
  expect(inputs.filter((path) => !/^(program\.mjs|dist\/[\w-]+\.js)$/.test(path))).toEqual([]);
  const { text } = result.outputFiles[0]!;
  return minifier === "terser" ? minified(text) : text;
}

async function minified(text: string): Promise<string> {
  return (await minifyCode(text, { module: true, ecma: 2022, compress: { passes: 3, ecma: 2022 } })).code!;
}

/** Bundles a program into files: those that it begins with, minified, and those that it may load later. */
async function split(program: string): Promise<{ first: string[]; later: string[] }> {
  const { metafile, outputFiles } = await build({
    stdin: { contents: program, resolveDir: root, sourcefile: "program.mjs" },
    absWorkingDir: root,
    outdir: "out",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    tsconfigRaw: {},
    metafile: true,
    write: false,
    logLevel: "error",
  });
  const { outputs } = metafile;
  const first = new Set(Object.keys(outputs).filter((path) => outputs[path]!.entryPoint === "program.mjs"));
  for (const path of first) {
    for (const { kind, path: other } of outputs[path]!.imports) if (kind === "import-statement") first.add(other);
  }
  const isFirst = ({ path }: { readonly path: string }) => [...first].some((name) => path.endsWith(name));
  return {
    first: await Promise.all(outputFiles.filter(isFirst).map(({ text }) => minified(text))),
    later: outputFiles.filter((file) => !isFirst(file)).map(({ text }) => text),
  };
}

function gzippedBytes(label: string, code: string): number {
  const size = gzipSync(code, { level: 9 }).length;
  console.log(`${label}: ${size} bytes minified and gzipped (${code.length} minified)`);
  return size;
}

/** Runs bundled code in a Node process of its own and returns what it prints as JSON. */
function run(code: string): unknown {
  return JSON.parse(execFileSync(process.execPath, ["--input-type=module"], { input: code, encoding: "utf8" }));
}

test("a program that trains a two-layer perceptron stays within its budget, and works", async () => {
  const code = await bundle(`
    import { Sequential, Linear, mse, SGD, tensor, tanh } from "tinygrad-ts";
    const x = tensor([[0, 0], [0, 1], [1, 0], [1, 1]]);
    const y = tensor([[0], [1], [1], [2]]);
    const model = new Sequential(new Linear(2, 8), tanh, new Linear(8, 1));
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const losses = [];
    for (let step = 0; step < 200; step++) {
      const loss = mse(model.forward(x), y);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      losses.push(loss.item());
    }
    console.log(JSON.stringify({ first: losses[0], last: losses.at(-1) }));
  `);
  expect(gzippedBytes("training a two-layer perceptron", code)).toBeLessThanOrEqual(budgets.training);
  const { first, last } = run(code) as { first: number; last: number };
  expect(last).toBeLessThan(first / 10);
});

test("methods still work after shaking", async () => {
  const code = await bundle(`
    import { tensor } from "tinygrad-ts";
    const x = tensor([-1, 0, 2], { requiresGrad: true });
    x.relu().mul(3).sum().backward();
    console.log(JSON.stringify([[...x.relu().data], [...x.grad.data]]));
  `);
  expect(run(code)).toEqual([
    [0, 0, 2],
    [0, 0, 3],
  ]);
});

test("importing relu brings neither layers, losses nor optimizers along", async () => {
  const unrelated = ["crossEntropy", "mse", "Linear", "Sequential", "SGD", "Adam"];
  const declares = (code: string) =>
    unrelated.filter((name) => new RegExp(`(class|function) ${name}\\b|\\b${name} = class\\b`).test(code));
  const everything = await bundle(`export * from "tinygrad-ts";`, "none");
  expect(declares(everything)).toEqual(unrelated);
  const one = await bundle(`export { relu } from "tinygrad-ts";`, "none");
  expect(declares(one)).toEqual([]);
  expect(one).not.toMatch(/["'`]?crossEntropy["'`]?:/);
});

test("the compiler stays within its budget, with the ops that it lowers", async () => {
  const code = await bundle(`
    import { Linear, mse, SGD, tensor } from "tinygrad-ts";
    import { compile } from "tinygrad-ts/compile";
    const model = new Linear(1, 1);
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const step = compile((x, y) => {
      const loss = mse(model.forward(x), y);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    });
    const x = tensor([[-1], [0], [1], [2]]);
    const y = tensor([[-3], [-1], [1], [3]]);
    for (let i = 0; i < 200; i++) step(x, y);
    console.log(JSON.stringify({ loss: step(x, y).item(), programs: step.programs.length }));
  `);
  expect(gzippedBytes("a compiled training step", code)).toBeLessThanOrEqual(budgets.compile);
  const { loss, programs } = run(code) as { loss: number; programs: number };
  expect(loss).toBeLessThan(1e-6);
  expect(programs).toBe(1);
});

test("reading and writing files is small, and brings no layers along", async () => {
  const code = await bundle(`
    import { tensor } from "tinygrad-ts";
    import { decode, encode } from "tinygrad-ts/safetensors";
    console.log(JSON.stringify(decode(encode({ x: tensor([1, 2]) })).get("x").toArray()));
  `);
  expect(run(code)).toEqual([1, 2]);
  const without = await bundle(`import { tensor } from "tinygrad-ts"; console.log(tensor([1, 2]).toArray());`);
  const size = gzippedBytes("reading and writing files", code) - gzippedBytes("tensors alone", without);
  expect(size).toBeLessThanOrEqual(budgets.safetensors);
});

test("models as files stay within their budget, with all layers, and keep their names when classes and functions are renamed", async () => {
  const code = await bundle(`
    import { AlphaDropout, Layer, Linear, Sequential, relu, tensor } from "tinygrad-ts";
    import { decodeModel, encodeModel } from "tinygrad-ts/model";
    import { decodeMetadata } from "tinygrad-ts/safetensors";
    class Scale extends Layer {
      constructor(factor) { super(); this.factor = factor; }
      forward(x) { return x.mul(this.factor); }
      arguments() { return [this.factor]; }
    }
    const square = (x) => x.mul(x);
    const own = { layers: { Scale }, functions: { square } };
    const model = new Sequential(new Linear(2, 1), relu, new Scale(3), square, new AlphaDropout(0.5));
    const bytes = encodeModel(model, own);
    const text = decodeMetadata(bytes).get("tinygrad-ts");
    const x = tensor([[1, 2]]);
    const copy = decodeModel(bytes, own).eval();
    const isSame = copy.forward(x).item() === model.eval().forward(x).item();
    console.log(JSON.stringify({ isSame, text, layers: copy.layers.length, linear: new Linear(2, 1), was: Scale.name }));
  `);
  expect(gzippedBytes("a model as a file", code)).toBeLessThanOrEqual(budgets.model);
  const { text, was, ...rest } = run(code) as { text: string; was: string };
  expect(was).not.toBe("Scale");
  expect(rest).toEqual({
    isSame: true,
    layers: 5,
    linear: { layer: "Linear", arguments: [2, 1, { bias: true, dtype: "float32" }] },
  });
  expect(JSON.parse(text).architecture.arguments).toEqual([
    { layer: "Linear", arguments: [2, 1, { bias: true, dtype: "float32" }] },
    { function: "relu" },
    { layer: "Scale", arguments: [3] },
    { function: "square" },
    { layer: "AlphaDropout", arguments: [0.5] },
  ]);
});

test("models as ONNX stay within their budget, and bring what they need along", async () => {
  const code = await bundle(`
    import { Linear, ones } from "tinygrad-ts";
    import { fromOnnx, toOnnx } from "tinygrad-ts/onnx";
    const trained = new Linear(2, 1);
    const { model } = fromOnnx(toOnnx(trained, { inputs: { x: ["batch", 2] } }));
    const x = ones([3, 2]);
    console.log(JSON.stringify([model.forward(x).toArray(), trained.forward(x).toArray()]));
  `);
  expect(gzippedBytes("models as ONNX", code)).toBeLessThanOrEqual(budgets.onnx);
  const [read, own] = run(code) as [unknown, unknown];
  expect(read).toEqual(own);
});

test("fit, and the tools for debugging, stay within their budgets", async () => {
  const program = `
    import { Adam, mlp, mse, tensor } from "tinygrad-ts";
    import { fit, TensorDataset } from "tinygrad-ts/train";
    const model = mlp([1, 8, 1]);
    const data = new TensorDataset(tensor([[0], [1]]), tensor([[1], [3]]));
    const history = await fit(model, data, { loss: mse, optimizer: new Adam(model.parameters()), epochs: 3 });
    console.log(JSON.stringify(history.epochs.length));
  `;
  const fit = await bundle(program);
  expect(run(fit)).toBe(3);
  expect(gzippedBytes("a model trained by fit", fit)).toBeLessThanOrEqual(budgets.fit);
  const { first, later } = await split(program);
  const size = (files: readonly string[]): number =>
    files.reduce((sum, code) => sum + gzippedBytes("fit, a part", code), 0);
  expect(size(first)).toBeLessThanOrEqual(budgets.fitInFiles);
  expect(first.join()).not.toContain("WebAssembly must be allowed"); // the compiler is loaded when it is needed
  expect(later.join()).toContain("WebAssembly must be allowed");
  const debug = await bundle(
    `export * from "tinygrad-ts/debug"; export { Linear, Sequential } from "tinygrad-ts";`,
    "esbuild",
  );
  const without = await bundle(`export { Linear, Sequential } from "tinygrad-ts";`, "esbuild");
  const extra = gzippedBytes("debugging tools", debug) - gzippedBytes("layers without them", without);
  expect(extra).toBeLessThanOrEqual(budgets.debug);
});

test("BLAS stays within its budget, beside the compiler", async () => {
  const compiler = `export * from "tinygrad-ts/compile";`;
  const blas = await bundle(`${compiler} export * from "tinygrad-ts/blas";`, "esbuild", ["koffi"]);
  const size = gzippedBytes("compiler with BLAS", blas) - gzippedBytes("without", await bundle(compiler, "esbuild"));
  expect(size).toBeLessThanOrEqual(budgets.blas);
});

test("groups of processes stay within their budget, beside fit, and bring no compiler along", async () => {
  const fit = `export { fit } from "tinygrad-ts/train";`;
  const both = await bundle(`${fit} export * from "tinygrad-ts/mpi";`, "esbuild", ["koffi"]);
  const size =
    gzippedBytes("fit with groups of processes", both) - gzippedBytes("without", await bundle(fit, "esbuild"));
  expect(size).toBeLessThanOrEqual(budgets.mpi);
  expect(both).not.toContain("WebAssembly must be allowed");
});

test("the gradient checker stays within its budget, and brings no tensor code along", async () => {
  const program = `
    import { assertGradient } from "tinygrad-ts/gradcheck";
    assertGradient((x) => x[0] ** 2 + x[1], (x) => [2 * x[0], 1], [3, 4]);
    console.log(JSON.stringify("ok"));
  `;
  const code = await bundle(program);
  expect(gzippedBytes("assertGradient", code)).toBeLessThanOrEqual(budgets.gradcheck);
  expect(run(code)).toBe("ok");
  const everything = await bundle(`export * from "tinygrad-ts/gradcheck";`, "none");
  expect(everything).toMatch(/class GradientReport\b|GradientReport = class\b/);
  expect(everything).not.toMatch(/class (Tensor|Layer)\b|(Tensor|Layer) = class\b|function backward\b/);
});

test("numericalGradient alone is small", async () => {
  const code = await bundle(`
    import { numericalGradient } from "tinygrad-ts/gradcheck";
    console.log(JSON.stringify(numericalGradient((x) => x * x, 3).kind));
  `);
  expect(gzippedBytes("numericalGradient", code)).toBeLessThanOrEqual(budgets.numerical);
  expect(run(code)).toEqual(["smooth"]);
});

test("what no import needs leaves nothing behind", async () => {
  // Whatever runs at import (a registration, a constructor not marked pure) would show up here.
  const code = await bundle(
    `import { ShapeError } from "tinygrad-ts"; console.log(new ShapeError("a", "b", "c").message);`,
  );
  expect(gzippedBytes("one error class", code)).toBeLessThanOrEqual(budgets.error);
});

test("the sizes that the performance page shows are those of this build: `npm run bench -- --only sizes` writes them", async () => {
  const page = readFileSync(`${root}docs/guide/performance.md`, "utf8");
  const rows = [...page.matchAll(/^\| `(tinygrad-ts[\w/-]*)` \| ([\d.]+) kB \|$/gm)];
  const counted = Object.entries(await sizes());
  expect(rows.map((row) => row[1])).toEqual(counted.map(([name]) => name));
  for (const [i, [name, bytes]] of counted.entries()) {
    const shown = Number(rows[i]![2]);
    expect(Math.abs(shown - bytes / 1000), `${name}: ${bytes} bytes, shown as ${shown} kB`).toBeLessThan(
      0.1 + bytes / 30_000,
    );
  }
});
