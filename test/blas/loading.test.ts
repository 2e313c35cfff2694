import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type BlasError, blas } from "../../src/blas/index.ts";
import { ValueError } from "../../src/index.ts";
import { library } from "./library.ts";

// What is refused when a library is loaded. Wrong libraries are played by a koffi of ours.

afterEach(() => {
  vi.doUnmock("koffi");
  vi.resetModules();
  vi.unstubAllGlobals();
});

/** What `blas()` throws where koffi is what is given. */
async function refusalWith(koffi: () => object): Promise<string> {
  vi.resetModules();
  vi.doMock("koffi", koffi);
  const fresh = await import("../../src/blas/index.ts");
  const error: unknown = await fresh.blas().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(fresh.BlasError);
  return (error as BlasError).message;
}

/** A koffi whose every library has these functions. */
const playing = (functions: Readonly<Record<string, (...args: never[]) => unknown>>) => () => ({
  default: {
    address: () => 0n,
    load: () => ({
      func(prototype: string) {
        const name = /(\w+)\(/.exec(prototype)![1]!;
        const found = functions[name];
        if (found === undefined) throw new Error(`there is no ${name}`);
        return found;
      },
    }),
  },
});
const nothing = (): void => undefined;

test("without koffi, it says how to get it", async () => {
  const absent = () => {
    throw Object.assign(new Error("Cannot find package 'koffi'"), { code: "ERR_MODULE_NOT_FOUND" });
  };
  expect(await refusalWith(absent)).toMatch(/^blas: needs the package koffi, in Node, Deno or Bun, got /);
});

test.each([{ default: {} }, { default: undefined }, { default: { load: () => nothing } }])(
  "with another koffi, such as %j, it says which it needs",
  async (koffi) => {
    expect(await refusalWith(() => koffi)).toBe(
      "blas: needs the package koffi from 3.0 on, got another version, which has no load or no address; npm install koffi@3",
    );
  },
);

test("each library that was not there is named", async () => {
  const load = () => {
    throw new Error("no such file");
  };
  vi.stubGlobal("process", { ...process, platform: "linux", env: process.env });
  expect(await refusalWith(() => ({ default: { load, address: nothing } }))).toContain(
    "got none: libopenblas.so.0: no such file; libopenblas.so: no such file; libblis.so.4: no such file; ",
  );
});

test.each([
  ["", 'got "", a string; write { library: "/…/libopenblas.so" }, or leave it out'],
  [3, 'got 3; write { library: "/…/libopenblas.so" }, or leave it out'],
  ["file:///opt/libopenblas.so", 'got "file:///opt/libopenblas.so", a string; write fileURLToPath(url), of node:url'],
  [new URL("file:///opt/libopenblas.so"), "got a URL; write fileURLToPath(url), of node:url"],
])("a library %j is no name or path", async (library, text) => {
  const error: unknown = await blas({ library } as never).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ValueError);
  expect((error as Error).message).toBe(`blas: library must be a name or a path, ${text}`);
});

test.each([
  ["linux", /libopenblas\.so\.0.*apt install libopenblas0.*dnf install openblas/s],
  ["darwin", /Accelerate comes with macOS/],
  ["win32", /put libopenblas\.dll of an OpenBLAS release/],
  ["freebsd", /pkg install openblas/],
  ["sunos", /install OpenBLAS as your system has it/],
])("without a library on %s, it says how to get one", async (platform, text) => {
  const load = (name: string) => {
    throw new Error(`${name} is not there`);
  };
  vi.stubGlobal("process", { ...process, platform, env: process.env });
  expect(await refusalWith(() => ({ default: { load, address: nothing } }))).toMatch(text);
});

test("a library whose integers are of another size, or that multiplies wrongly, is refused", async () => {
  const both = { cblas_sgemm: nothing, cblas_dgemm: nothing };
  expect(await refusalWith(playing(both))).toMatch(/^blas: the library must multiply matrices right, got .*: NaN/);
  expect(await refusalWith(playing({ ...both, openblas_get_config: () => "OpenBLAS 0.3.21 USE64BITINT" }))).toBe(
    "blas: the library must take sizes of 32 bits, got OpenBLAS 0.3.21 USE64BITINT; pass the library without 64 in its name",
  );
  expect(await refusalWith(playing({ cblas_sgemm: nothing }))).toMatch(/the library must have cblas_dgemm/);
});

describe.skipIf(library === null)("a library that is there", () => {
  test("says what it is, and is one object", async () => {
    expect(await blas()).toBe(library);
    expect(library!.version.length).toBeGreaterThan(0);
    expect(library!.library.length).toBeGreaterThan(0);
    expect(library!.threads).toBeGreaterThanOrEqual(1);
    expect(String(library)).toBe(
      `Blas(${library!.version}, ${library!.threads} thread${library!.threads === 1 ? "" : "s"})`,
    );
    expect(inspect(library)).toBe(String(library));
    expect((await blas({ library: library!.library })).library).toBe(library!.library);
  });

  test.each([
    [{ threads: 0 }, "blas: threads must be a positive integer, got 0"],
    [{ threads: 1.5 }, "blas: threads must be a positive integer, got 1.5"],
    [{ path: "x" }, "blas: there is no such option, got path; did you mean library?"],
    ["x.so", 'blas: options must be an object, got "x.so", a string; write blas({ library: "x.so" })'],
  ])("options %j are refused", async (options, message) => {
    const error: unknown = await blas(options as never).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ValueError);
    expect((error as Error).message).toBe(message);
  });

  test("one thread can be had, and more than there can be are refused", async () => {
    const before = library!.threads;
    expect((await blas({ threads: 1 })).threads).toBe(1);
    await expect(blas({ threads: 100_000 })).rejects.toThrow(
      /^blas: the library must be able to use 100000 threads, got /,
    );
    await blas({ threads: before });
    expect(library!.threads).toBe(before);
  });

  test("a name that is none is refused, with what is looked for", async () => {
    await expect(blas({ library: "libnowhere.so" })).rejects.toThrow(
      /^blas: needs a BLAS library, got none: .*; check the path/,
    );
  });
});

// Two threads in a build for one come to wrong numbers within seconds: 50 of 170,000 products in a trial of three workers.
test.skipIf(!/SINGLE_THREADED/.test(library?.version ?? ""))(
  "a library for one thread is refused in a worker",
  async () => {
    const built = await build({
      entryPoints: [fileURLToPath(new URL("../../src/blas/index.ts", import.meta.url))],
      bundle: true,
      write: false,
      format: "cjs",
      platform: "node",
      external: ["koffi"],
    });
    const code = `${built.outputFiles[0]!.text}
    module.exports.blas().catch((error) => error).then(({ name, message }) => require("node:worker_threads").parentPort.postMessage({ name, message }));`;
    const worker = new Worker(code, { eval: true });
    const [answer] = (await once(worker, "message")) as [{ name: string; message: string }];
    await worker.terminate();
    expect(answer.name).toBe("BlasError");
    expect(answer.message).toMatch(
      /^blas: in a worker, the library must be one that several threads may call, got OpenBLAS .*libopenblas0-pthread is, and write blas\(\{ threads: 1 \}\)$/,
    );
  },
);
