import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Linear, mlp, ones, relu, Sequential, type Tensor, ValueError } from "../../src/index.ts";
import { encodeModel } from "../../src/model/index.ts";
import { loadModel, saveModel, writeFileAtomic } from "../../src/node/index.ts";
import { encode, loadCheckpoint } from "../../src/safetensors/index.ts";

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
  await expect(saveModel(path, new Sequential(shared, shared))).rejects.toThrow("must not be in two places");
  expect(String(await loadModel(path))).toBe("Linear(1, 1)");
  expect(readdirSync(folder).filter((name) => name.startsWith("b."))).toEqual(["b.safetensors"]);
  await expect(saveModel(3 as never, shared)).rejects.toThrow(ValueError);
  await expect(loadModel(join(folder, "none"))).rejects.toMatchObject({ code: "ENOENT" });
  writeFileSync(path, encode({ x: ones([1]) }));
  await expect(loadModel(path)).rejects.toThrow("decode(bytes) reads them");
});

test("paths are strings or file: URLs; others are refused before anything is written", async () => {
  const url = pathToFileURL(join(folder, "c d.safetensors"));
  await saveModel(url, new Linear(2, 1));
  expect(String(await loadModel(url))).toBe("Linear(2, 1)");
  await writeFileAtomic(url, encodeModel(new Linear(2, 2)));
  expect(String(await loadModel(join(folder, "c d.safetensors")))).toBe("Linear(2, 2)");

  const web = "; fetch it: decodeModel(await (await fetch(url)).arrayBuffer())";
  const before = [readdirSync("."), readdirSync(".."), readdirSync(folder)];
  for (const [path, got] of [
    ["", 'a file: URL, got "", a string'],
    ["a\0b", 'a file: URL, got "a\\u0000b", a string'],
    ["file:///a", 'a file: URL, got "file:///a", a string; write new URL(path)'],
    ["https://a.org/m", `a file: URL, got "https://a.org/m", a string${web}`],
    [new URL("https://a.org/m"), `a file: URL without a host, got https://a.org/m${web}`],
    [new URL("file://host/m"), "a file: URL without a host, got file://host/m"],
  ] as const) {
    await expect(loadModel(path)).rejects.toThrow(`loadModel: needs a path, or ${got}`);
    await expect(saveModel(path, new Linear(1, 1))).rejects.toThrow(`saveModel: needs a path, or ${got}`);
    await expect(writeFileAtomic(path, new Uint8Array())).rejects.toThrow(`writeFileAtomic: needs a path, or ${got}`);
  }
  const folderSaid = `needs the path of a file, got a folder, ${folder}; put the file's name behind it`;
  await expect(saveModel(folder, new Linear(1, 1))).rejects.toThrow(`saveModel: ${folderSaid}`);
  await expect(writeFileAtomic(folder, new Uint8Array())).rejects.toThrow(`writeFileAtomic: ${folderSaid}`);
  expect([readdirSync("."), readdirSync(".."), readdirSync(folder)]).toEqual(before);
});

test("errors are in the name of the function that was called", async () => {
  const path = join(folder, "e.safetensors");
  const shared = new Linear(1, 1);
  await expect(saveModel(path, new Sequential(shared, shared))).rejects.toThrow(
    "saveModel: a layer must not be in two places, got Linear(1, 1)",
  );
  await expect(saveModel(path, 3 as never)).rejects.toThrow("saveModel: needs a layer, got 3");
  await expect(saveModel(path, shared, { layer: {} } as never)).rejects.toThrow("saveModel: there is no such option");
  for (const [content, message] of [
    [JSON.stringify(shared), 'loadModel: needs a safetensors file, got a text that begins with "{\\"layer\\"'],
    ["<!DOCTYPE html>", 'loadModel: needs a safetensors file, got a text that begins with "<!DOCTYP"'],
    ["PK\x03\x04\0\0\0\0\0\0", "loadModel: needs a safetensors file, got a zip archive, as PyTorch and NumPy write"],
    ["", "loadModel: a file has at least 8 bytes, got 0"],
    [encode({ x: ones([1]) }), "loadModel: needs a file that encodeModel wrote, got a file of tensors only"],
  ] as const) {
    writeFileSync(path, content);
    await expect(loadModel(path)).rejects.toThrow(message);
  }
  expect(() => loadCheckpoint(encodeModel(shared), { model: shared })).toThrow(
    "loadCheckpoint: needs a file that encodeCheckpoint wrote, got a model's file; use decodeModel or loadModel",
  );
  expect(() => loadCheckpoint(new Uint8Array(), { model: shared })).toThrow(
    "loadCheckpoint: a file has at least 8 bytes, got 0",
  );
});
