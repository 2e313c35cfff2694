import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as expected from "./expected.ts";
import { layOut, modules, toCommonJs } from "./folders.ts";
import { json, run, succeed } from "./processes.ts";

const node = process.execPath;

test("Vue's reactive and ref leave tensors, layers, optimizers and generators alone; other proxies of tensors are refused", async () => {
  const folder = layOut("vue", ["vue"]);
  copyFileSync(join(folder, "reactive.js"), join(folder, "programs/vue.js"));
  expect(await json(node, ["main.js", "vue"], join(folder, "programs"))).toEqual({
    proxies: [],
    ref: false,
    deepReactive: true,
    deepRefCompiled: true,
    fitLearns: true,
    arrays: [
      [1, 2],
      [3, 4],
    ],
    typedArrays: "float64",
    proxyInOp: "refused",
    proxyInModel: "refused",
    proxyOfModel: true,
    proxyInTensor: "refused",
    proxyInCompiled: "refused",
  });
});

test("Svelte's $state leaves tensors, layers and optimizers alone, and its arrays are data", async () => {
  const folder = layOut("svelte", ["svelte"]);
  await succeed(node, ["build.js"], folder);
  const args = ["--conditions=browser", "main.js", "svelte"];
  expect(await json(node, args, join(folder, "programs"))).toEqual({
    same: true,
    learns: true,
    held: [2, 3],
    layers: 4,
    epochs: 5,
  });
});

test("jest with jsdom, where typed arrays come from two realms and there is no TextEncoder", async () => {
  const folder = layOut("jest-jsdom", ["jest-jsdom"]);
  toCommonJs(join(folder, "programs"));
  const { status, stdout, stderr } = await run(node, [join(modules, "jest/bin/jest.js"), "--rootDir=."], folder);
  expect(stderr).toMatch(/Tests: {7}7 passed, 7 total/);
  expect(status).toBe(0);
  const [printed = "null"] = /\{"learns".*\}/.exec(stdout) ?? [];
  expect(JSON.parse(printed)).toEqual(expected.everyday);
});
