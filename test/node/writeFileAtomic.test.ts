import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ValueError } from "../../src/index.ts";
import { writeFileAtomic } from "../../src/node/index.ts";
import { decode, decodeMetadata } from "../../src/safetensors/index.ts";

/** How often the process that saves is killed; KILLS=200 looks longer. */
const kills = Number(process.env["KILLS"] ?? 40);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "atomic-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("writeFileAtomic", () => {
  test("writes, and replaces", async () => {
    const path = join(folder, "a.bin");
    await writeFileAtomic(path, Uint8Array.of(1, 2, 3));
    await writeFileAtomic(path, new Uint8Array(0));
    expect(readFileSync(path).length).toBe(0);
    await Promise.all(Array.from({ length: 8 }, (_, i) => writeFileAtomic(path, new Uint8Array(1000).fill(i))));
    const bytes = readFileSync(path);
    expect(bytes.length).toBe(1000);
    expect(new Set(bytes).size).toBe(1);
    expect(readdirSync(folder)).toEqual(["a.bin"]);
  });

  test("follows a link", async () => {
    mkdirSync(join(folder, "real"));
    writeFileSync(join(folder, "real", "b.bin"), "old");
    symlinkSync(join(folder, "real", "b.bin"), join(folder, "link.bin"));
    await writeFileAtomic(join(folder, "link.bin"), Uint8Array.of(65));
    expect(readFileSync(join(folder, "real", "b.bin"), "utf8")).toBe("A");
    expect(readFileSync(join(folder, "link.bin"), "utf8")).toBe("A");
  });

  test("leaves nothing behind when it fails", async () => {
    const inner = join(folder, "inner");
    mkdirSync(join(inner, "taken"), { recursive: true });
    await expect(writeFileAtomic(join(folder, "none", "c.bin"), Uint8Array.of(1))).rejects.toMatchObject({
      code: "ENOENT",
    });
    await expect(writeFileAtomic(join(inner, "taken"), Uint8Array.of(1))).rejects.toThrow("got a folder");
    expect(readdirSync(inner)).toEqual(["taken"]);
    // A folder cannot be replaced by a file: where one appears while the bytes are written, the rename fails.
    const writing = expect(writeFileAtomic(join(inner, "late"), new Uint8Array(2 ** 25))).rejects.toHaveProperty(
      "code",
    );
    while (!readdirSync(inner).some((name) => name.endsWith(".tmp"))) await new Promise(setImmediate);
    mkdirSync(join(inner, "late"));
    await writing;
    expect(readdirSync(inner)).toEqual(["late", "taken"]);
    chmodSync(inner, 0o755);
  });

  test("takes bytes of every kind and realm, and says what to write of others", async () => {
    const path = join(folder, "kinds.bin");
    const whole = Uint8Array.of(9, 1, 2, 9);
    for (const bytes of [
      whole.subarray(1, 3),
      Buffer.from(whole).subarray(1, 3),
      Uint8ClampedArray.of(1, 2),
      new DataView(whole.buffer, 1, 2),
      Uint8Array.of(1, 2).buffer,
      vm.runInNewContext("Uint8Array.of(1, 2)") as Uint8Array,
      vm.runInNewContext("Uint8Array.of(1, 2).buffer") as ArrayBuffer,
    ]) {
      await writeFileAtomic(path, bytes);
      expect([...readFileSync(path)]).toEqual([1, 2]);
    }
    const write = (bytes: unknown) => writeFileAtomic(path, bytes as never);
    await expect(write(Promise.resolve(whole))).rejects.toThrow("got a promise; await it first");
    await expect(write(new Map())).rejects.toThrow("got a Map; write writeFileAtomic(path, encode(model.stateDict()))");
    await expect(write([1, 2])).rejects.toThrow("got an array; pass Uint8Array.from(array)");
    expect([...readFileSync(path)]).toEqual([1, 2]);
  });

  test("refuses what are no bytes, and writes nothing", async () => {
    const path = join(folder, "d.bin");
    await expect(writeFileAtomic(path, "text" as never)).rejects.toThrow(ValueError);
    await expect(writeFileAtomic(path, "text" as never)).rejects.toThrow(
      'writeFileAtomic: needs bytes: a Uint8Array or an ArrayBuffer, got "text", a string; write writeFileAtomic(path, encode(model.stateDict()))',
    );
    await expect(writeFileAtomic(3 as never, Uint8Array.of(1))).rejects.toThrow(
      "writeFileAtomic: needs a path, or a file: URL, got 3",
    );
    expect(readdirSync(folder)).not.toContain("d.bin");
  });
});

test(`killed ${kills} times while saving, it leaves the old or the new file, whole`, { timeout: 600_000 }, async () => {
  const program = join(folder, "saver.mjs");
  const source = fileURLToPath(new URL("saver.ts", import.meta.url));
  await build({
    entryPoints: [source],
    bundle: true,
    platform: "node",
    format: "esm",
    outfile: program,
    logLevel: "error",
  });
  const path = join(folder, "killed.safetensors");
  let last = -1;
  let progressed = 0;
  for (let i = 0; i < kills; i++) {
    const child = spawn(process.execPath, [program, path, String(last + 1)], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data"); // it has saved once
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 12));
    const closed = once(child, "close");
    child.kill("SIGKILL");
    await closed;
    const bytes = readFileSync(path);
    const k = Number(decodeMetadata(bytes).get("k"));
    expect(new Set(decode(bytes).get("x")!.data)).toEqual(new Set([k]));
    expect(k).toBeGreaterThan(last);
    if (k > last + 1) progressed++;
    last = k;
  }
  expect(progressed).toBeGreaterThan(kills / 4); // it was killed amid later saves, not the first
});
