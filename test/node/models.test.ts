import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Linear, mlp, ones, relu, Sequential, type Tensor, ValueError } from "../../src/index.ts";
import { loadModel, saveModel } from "../../src/node/index.ts";
import { encode } from "../../src/safetensors/index.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "models-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("a model goes into a file, and comes back", async () => {
  const path = join(folder, "a.safetensors");
  await saveModel(path, mlp([1, 1]));
  const model = mlp([4, 8, 2]);
  await saveModel(path, model);
  const x = ones([3, 4]);
  expect((await loadModel(path)).forward(x).toArray()).toEqual(model.forward(x).toArray());
  const square = (v: Tensor): Tensor => v.mul(v);
  await saveModel(path, new Sequential(square, relu), { functions: { square } });
  expect(String(await loadModel(path, { functions: { square } }))).toContain("square");
});

test("what cannot be saved or loaded is refused, and leaves the old file", async () => {
  const path = join(folder, "b.safetensors");
  const shared = new Linear(1, 1);
  await saveModel(path, shared);
  await expect(saveModel(path, new Sequential(shared, shared))).rejects.toThrow("must not stand in two places");
  expect(String(await loadModel(path))).toBe("Linear(1, 1)");
  expect(readdirSync(folder).filter((name) => name.startsWith("b."))).toEqual(["b.safetensors"]);
  await expect(saveModel(3 as never, shared)).rejects.toThrow(ValueError);
  await expect(loadModel(new URL("file:///a") as never)).rejects.toThrow("loadModel: needs a path");
  await expect(loadModel(join(folder, "none"))).rejects.toMatchObject({ code: "ENOENT" });
  writeFileSync(path, encode({ x: ones([1]) }));
  await expect(loadModel(path)).rejects.toThrow("decode(bytes) reads them");
});
