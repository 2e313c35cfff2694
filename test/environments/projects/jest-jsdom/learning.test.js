const { mkdtempSync, readFileSync, rmSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const vm = require("node:vm");
const { Linear, tensor } = require("tinygrad-ts");
const { checkGradient } = require("tinygrad-ts/gradcheck");
const { writeFileAtomic } = require("tinygrad-ts/node");
const { decode, encode } = require("tinygrad-ts/safetensors");
const { everyday } = require("./programs/everyday.js");

// The globals of this realm are jsdom's; what Node's modules return is of another.

test("this is such an environment", () => {
  expect(typeof document).toBe("object");
  expect(typeof TextEncoder).toBe("undefined");
  expect(readFileSync(__filename) instanceof Uint8Array).toBe(false);
});

test("trains, compiles, saves and checks", async () => {
  console.log(JSON.stringify(await everyday()));
});

test.each([
  ["Float32Array", "float32"],
  ["Float64Array", "float64"],
  ["Int32Array", "int32"],
])("takes a %s of another realm", (name, dtype) => {
  const foreign = vm.runInNewContext(`new ${name}([1, 2, 3])`);
  expect(foreign instanceof globalThis[name]).toBe(false);
  expect(tensor(foreign).dtype).toBe(dtype);
  expect(tensor(foreign).toArray()).toEqual([1, 2, 3]);
  expect(tensor(vm.runInNewContext("[[1, 2], [3, 4]]")).shape).toEqual([2, 2]);
});

test("checks gradients at points of another realm", () => {
  const at = vm.runInNewContext("new Float64Array([1, 2])");
  expect(
    checkGradient(
      (x) => x[0] ** 2 + x[1],
      (x) => [2 * x[0], 1],
      at,
    ).ok,
  ).toBe(true);
});

test("writes and reads files by Node's buffers", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tinygrad-ts-jsdom-"));
  try {
    const path = join(folder, "model.safetensors");
    const model = new Linear(3, 2);
    await writeFileAtomic(path, encode(model.stateDict()));
    const copy = new Linear(3, 2);
    copy.loadStateDict(decode(readFileSync(path)));
    expect(copy.weight.toArray()).toEqual(model.weight.toArray());
    await writeFileAtomic(path, readFileSync(path));
    expect(decode(readFileSync(path)).size).toBe(2);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
