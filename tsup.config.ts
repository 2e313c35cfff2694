import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { transform } from "esbuild";
import { minify } from "terser";
import { defineConfig } from "tsup";
import { workerFile } from "./src/compile/webassembly/threads/workerSource.ts";

export default defineConfig({
  // One entry per subpath of the package: the same names stand in package.json, tsconfig.json and vitest.config.ts.
  entry: {
    index: "src/index.ts",
    gradcheck: "src/gradcheck/index.ts",
    compile: "src/compile/index.ts",
    blas: "src/blas/index.ts",
    mpi: "src/mpi/index.ts",
    "fast-check": "src/fastCheck/index.ts",
    safetensors: "src/safetensors/index.ts",
    model: "src/model/index.ts",
    onnx: "src/onnx/index.ts",
    node: "src/node/index.ts",
    debug: "src/debug/index.ts",
    reporters: "src/reporters/index.ts",
    train: "src/train/index.ts",
    vitest: "src/vitest.ts",
    jest: "src/jest.ts",
  },
  format: ["esm", "cjs"],
  target: "es2022",
  platform: "neutral",
  removeNodeProtocol: false, // Deno wants it
  external: [/^node:/], // only in src/node: elsewhere in src/ they do not compile
  tsconfig: "tsconfig.src.json",
  dts: { compilerOptions: { ignoreDeprecations: "6.0" } }, // tsup 8 still sets an option that TypeScript 6 deprecates
  splitting: true,
  sourcemap: false, // what is shipped can be read as it is; maps with the sources would be two thirds of the package
  clean: true,
  // Readable output that keeps its `/* @__PURE__ */` marks: shaking and minifying are done by the user's bundler.
  minify: false,
  treeshake: false,
  onSuccess: async () => {
    await writeCommonJs("dist/");
    // What the compiler's workers run, also as a file, for pages that allow workers from nowhere else.
    await writeFile("dist/compile-worker.js", workerFile());
    // The declarations are written last, by another thread.
    process.once("exit", () => {
      markTypes("dist/");
      shareTypes("dist/");
    });
  },
});

/**
 * Writes the CommonJS build anew, from the ES modules. tsup, where it splits, lowers classes with fields to expressions, and `?.` and `??` to calls: errors and tensors would be of classes `_class2`.
 */
async function writeCommonJs(folder: string): Promise<void> {
  const files = await readdir(folder);
  await Promise.all(files.filter((file) => file.endsWith(".cjs")).map((file) => rm(folder + file)));
  for (const file of files.filter((name) => name.endsWith(".js"))) {
    const { code } = await transform(await readFile(folder + file, "utf8"), {
      format: "cjs",
      platform: "node",
      target: "es2022",
      supported: { "dynamic-import": false }, // jest has none for CommonJS
      minifyWhitespace: true, // the ES modules are there to be read: for the size of the package, once is enough
      minifySyntax: true,
      lineLimit: 500, // Node prints the line of an error that nobody caught
      sourcefile: file,
    });
    const linked = code
      .replaceAll(/\brequire\("(\.\/[\w-]+)\.js"\)/g, 'require("$1.cjs")')
      .replaceAll(/\bimport_chunk_(?=\w{8}\b)/g, "$$"); // stands before each name from another chunk
    // Variables within functions get short names; functions and classes, which stand in stacks, keep theirs.
    const short = await minify(linked, {
      compress: false,
      mangle: { keep_classnames: true, keep_fnames: true },
      format: { max_line_len: 500 },
    });
    await writeFile(folder + file.replace(/\.js$/, ".cjs"), short.code!);
  }
}

/** Marks what an entry's declarations export and its module does not: a class of which only the type is exported would stand there as if one could make instances of it. */
function markTypes(folder: string): void {
  const lists = /^export \{([^}]*)\}/gm;
  const namesIn = (code: string) =>
    [...code.matchAll(lists)].flatMap(([, list]) => list!.split(",").map((name) => name.trim().split(" as ").at(-1)!));
  for (const file of readdirSync(folder)) {
    const [, entry] = /^(.*)\.d\.c?ts$/.exec(file) ?? [];
    if (entry === undefined || !readdirSync(folder).includes(`${entry}.js`)) continue;
    const values = new Set(namesIn(readFileSync(`${folder}${entry}.js`, "utf8")));
    const code = readFileSync(folder + file, "utf8").replaceAll(lists, (_, list: string) => {
      const marked = list.split(",").map((item) => {
        const name = item.trim();
        return name.startsWith("type ") || values.has(name.split(" as ").at(-1)!) ? name : `type ${name}`;
      });
      return `export { ${marked.join(", ")} }`;
    });
    writeFileSync(folder + file, code);
  }
}

/**
 * Has both formats share the declarations, of which comments are two thirds: those of the ES modules export what those of CommonJS declare. So a tensor that was required also is of the type of one that
 * was imported. Where other packages' types come in, which may differ between formats, or are added to, an entry has its own.
 */
function shareTypes(folder: string): void {
  const isDeclaration = /\.d\.c?ts$/;
  const all = readdirSync(folder).filter((file) => isDeclaration.test(file));
  const entries = all.filter((file) => readdirSync(folder).includes(file.replace(isDeclaration, ".js")));
  for (const file of all.filter((name) => name.endsWith(".d.ts"))) {
    if (!entries.includes(file)) {
      rmSync(folder + file); // shared by entries, which no longer need it
      continue;
    }
    const code = readFileSync(folder + file.replace(isDeclaration, ".d.cts"), "utf8");
    const needsOthers = /^(im|ex)port .* from '(?!\.\/)|^declare (module|global)\b/m.test(code);
    writeFileSync(folder + file, needsOthers ? code : `export * from "./${file.replace(isDeclaration, ".cjs")}";\n`);
  }
}
