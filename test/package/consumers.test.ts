import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../docs/extract.ts";
import { type Packed, packInto, unpackInto } from "./tarball.ts";

// Projects of other people's, in test/consumers/, each with the packed package in its node_modules, run by their own test commands.
// `npm run build` first: the tarball holds dist/ as it is. Their test frameworks are the ones that are installed here.

const work = mkdtempSync(join(tmpdir(), "tinygrad-ts-consumers-"));
let packed: Packed;

beforeAll(() => {
  packed = packInto(work);
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

/** A copy of a consumer's project with its dependencies. */
function install(name: string, frameworks: readonly string[], folder = name): string {
  const project = join(work, folder);
  cpSync(join(root, "test/consumers", name), project, { recursive: true });
  mkdirSync(join(project, "node_modules"));
  for (const link of [".bin", ...frameworks]) {
    symlinkSync(join(root, "node_modules", link), join(project, "node_modules", link), "junction");
  }
  unpackInto(join(project, "node_modules/tinygrad-ts"), packed);
  return project;
}

function npm(project: string, script: string): { status: number | null; output: string } {
  // Not this test run's own settings, which a child's framework would take for its own.
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|TEST|NODE_ENV|NODE_OPTIONS|FORCE_COLOR)/.test(name),
  );
  const env = { ...Object.fromEntries(own), NO_COLOR: "1" };
  // One command string: on Windows npm is a script, which only a shell can start.
  const { status, stdout, stderr }: SpawnSyncReturns<string> = spawnSync(`npm run --silent ${script}`, {
    cwd: project,
    encoding: "utf8",
    shell: true,
    env,
  });
  return { status, output: stdout + stderr };
}

describe.each([
  {
    name: "vitest-esm",
    frameworks: ["vitest", "fast-check"],
    passed: /Tests {2}3 passed/,
    failure: [
      "toHaveGradient: FAILED, 2 of 3 entries wrong, by 0.67 (relative)",
      "x.w[1]: mismatch, where the input is -0.7",
      "hint: x.w: 3 times as large as it should be",
    ],
  },
  {
    name: "jest-cjs",
    frameworks: ["jest"],
    passed: /Tests: {7}3 passed, 3 total/,
    failure: ["toHaveGradient: FAILED, 3 of 3 entries wrong", "hint: the sign is wrong: the ratio is −1"],
  },
  {
    name: "node-test",
    frameworks: [],
    passed: /pass 2/,
    failure: [
      "GradientError",
      "x[1]: mismatch, where the input is -1.2",
      "replay: assertGradient(…, { seed: 0, only: ",
    ],
  },
  {
    name: "mocha-esm",
    frameworks: ["mocha"],
    passed: /2 passing/,
    failure: [
      "GradientError: assertGradient: FAILED, 1 of 2 entries wrong",
      "hint: the sign is wrong: the ratio is −1",
    ],
  },
])("$name", ({ name, frameworks, passed, failure }) => {
  let project = "";

  beforeAll(() => {
    project = install(name, frameworks);
  });

  test("right gradients pass", () => {
    const { status, output } = npm(project, "test");
    expect(output).toMatch(passed);
    expect(status).toBe(0);
  });

  test("a wrong gradient fails, with the report", () => {
    const { status, output } = npm(project, "test:wrong");
    for (const text of failure) expect(output).toContain(text);
    // The report comes first, and once: test runners print an error's message, and then its fields.
    expect(output.match(/mismatch, where the input is/g)).toHaveLength(output.match(/, where the input is/g)!.length);
    expect(output.match(/checked all \d+ entries/g)).toHaveLength(1);
    expect(status).not.toBe(0);
  });
});

test.each([
  { name: "vitest-esm", frameworks: ["vitest", "fast-check"] },
  { name: "jest-cjs", frameworks: ["@types"] },
])("the matchers' types hold in $name", ({ name, frameworks }) => {
  const project = install(name, frameworks, `${name}-types`);
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { stdout } = spawnSync(process.execPath, [tsc, "-p", "."], { cwd: project, encoding: "utf8" });
  expect(stdout).toBe("");
});
