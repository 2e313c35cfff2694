import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

// The package as users get it: packed, unpacked into another project's node_modules, and used from there.
// `npm run build` first: the tarball holds dist/ as it is.

const root = fileURLToPath(new URL("../../", import.meta.url));
const project = mkdtempSync(join(tmpdir(), "tinygrad-ts-"));
const installed = join(project, "node_modules", "tinygrad-ts");
let packed: string[] = [];

beforeAll(() => {
  const npm = ["pack", "--json", "--ignore-scripts", "--pack-destination", project];
  // One command string: on Windows npm is a script, which only a shell can start.
  const report = execFileSync(`npm ${npm.map((word) => JSON.stringify(word)).join(" ")}`, {
    cwd: root,
    encoding: "utf8",
    shell: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  // npm reports a list of packages, or (later) an object of them.
  const [tarball] = Object.values(
    JSON.parse(report) as Record<string, { filename: string; files: { path: string }[] }>,
  );
  packed = tarball!.files.map(({ path }) => path).sort();
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xzf", tarball!.filename, "-C", "node_modules/tinygrad-ts", "--strip-components=1"], {
    cwd: project,
  });
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

/** Runs a program of the user's project and returns what it prints as JSON. */
function run(file: string, code: string | undefined, flags: readonly string[] = []): unknown {
  if (code !== undefined) writeFileSync(join(project, file), code);
  return JSON.parse(execFileSync(process.execPath, [...flags, file], { cwd: project, encoding: "utf8" }));
}

test("the tarball holds the build and the papers, nothing else", () => {
  const build = ["index.cjs", "index.cjs.map", "index.d.cts", "index.d.ts", "index.js", "index.js.map"];
  const papers = ["CHANGELOG.md", "LICENSE", "README.md", "package.json"];
  expect(packed).toEqual([...papers, ...build.map((file) => `dist/${file}`)].sort());
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

test("both formats export the same names", () => {
  const code = `
    import { createRequire } from "node:module";
    import * as esm from "tinygrad-ts";
    const cjs = createRequire(import.meta.url)("tinygrad-ts");
    console.log(JSON.stringify([Object.keys(esm).sort(), Object.keys(cjs).sort()]));
  `;
  const [esm, cjs] = run("names.mjs", code) as [string[], string[]];
  expect(esm).toEqual(cjs);
  expect(esm).toContain("tensor");
});

test("its types serve both formats and need no types but ECMAScript's", () => {
  const code = `
    import { Linear, type Tensor, tensor } from "tinygrad-ts";
    export const y: Tensor = new Linear(2, 1).forward(tensor([[1, 2]]));
    // @ts-expect-error: sizes are numbers
    new Linear("2", 1);
  `;
  for (const file of ["types.mts", "types.cts"]) writeFileSync(join(project, file), code);
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const options = "--noEmit --strict --exactOptionalPropertyTypes --target es2022 --lib es2022 --module node16";
  try {
    execFileSync(process.execPath, [tsc, ...options.split(" "), "types.mts", "types.cts"], { cwd: project });
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
