import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { PNG } from "pngjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readIdxImages } from "../../examples/support/idx.ts";

// The examples as users run them: each in a process of its own, with the built package. `npm run build` first.

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "examples-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function runExample(name: string, ...args: string[]): Promise<Outcome> {
  const env = { ...process.env, TSX_TSCONFIG_PATH: "tsconfig.src.json" }; // the one without paths to src/
  return new Promise((resolve) => {
    const command = ["--import", "tsx", `examples/${name}.ts`, ...args];
    execFile(process.execPath, command, { cwd: root, env, encoding: "utf8" }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

/** What `runExample` gives for a run that went well. */
async function outputOf(name: string, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await runExample(name, ...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
}

/** The one line on stderr of a run that was refused. */
async function refusalOf(name: string, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await runExample(name, ...args);
  expect({ status, stdout, lines: stderr.split("\n").length }).toEqual({ status: 1, stdout: "", lines: 2 });
  return stderr.trim();
}

function accuracyIn(stdout: string): number {
  const found = /^(?:test accuracy|accuracy on fresh points): (\d+\.\d\d) %$/m.exec(stdout);
  return Number(found?.[1]);
}

/** Checks that each tag of an XML document is closed in order, and gives the text between them. */
function textOfXml(document: string): string {
  const xml = document.replaceAll(/<!\[CDATA\[.*?\]\]>/gs, "");
  const open: string[] = [];
  let text = "";
  let end = 0;
  for (const { 0: tag, 1: slash, 2: name, index } of xml.matchAll(/<(\/?)([\w:]+)(?:\s+[\w:-]+="[^"<]*")*\s*\/?>/g)) {
    text += `${xml.slice(end, index)}\n`;
    end = index + tag.length;
    if (slash === "/") expect(open.pop()).toBe(name);
    else if (!tag.endsWith("/>")) open.push(name!);
  }
  text += xml.slice(end);
  expect(open).toEqual([]);
  expect(text).not.toMatch(/[<>]|&(?!#?\w+;)/);
  return text;
}

describe("digits", () => {
  const pictures = [join(folder, "new", "first.svg"), join(folder, "second.svg")] as const;
  let stdout: string[];
  beforeAll(async () => {
    stdout = await Promise.all(pictures.map((path) => outputOf("digits", "--out", path)));
  });

  test("reads at least 97 % of unseen digits, and the same ones on each run", () => {
    expect(accuracyIn(stdout[0]!)).toBeGreaterThanOrEqual(97);
    const lastPart = (text: string) => text.slice(text.indexOf("test accuracy"), text.indexOf("residual curve"));
    expect(lastPart(stdout[1]!)).toBe(lastPart(stdout[0]!));
    expect(readFileSync(pictures[1], "utf8")).toBe(readFileSync(pictures[0], "utf8"));
  });

  test("shows the model, its progress in a few lines, and wrong digits", () => {
    expect(stdout[0]).toContain("1,438 digits to learn from, 359 to test with");
    expect(stdout[0]).toMatch(/Linear\(64, 32\).*\[1, 32\].*weight \[32, 64\], bias \[32\].*2,080/);
    const progress = stdout[0]!.split("\n").filter((line) => line.includes(" left"));
    expect(progress.length).toBeLessThan(15);
    expect(progress.at(-1)).toMatch(
      /█{24} 100 % {2}epoch 40\/40 {2}loss 0\.\d{4} {2}last: accuracy 0\.\d{4} {2}0 s left/,
    );
    expect(stdout[0]).toMatch(/^\d+ of 359 wrong/m);
    expect(stdout[0]).toMatch(/a \d, read as \d/);
    expect(stdout[0]).toMatch(/[█▓▒░]{4}/);
  });

  test("writes the residual curve as an SVG file, whole or not at all", () => {
    const svg = readFileSync(pictures[0], "utf8");
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    const text = textOfXml(svg);
    const texts = ["loss of the batch", "loss, smoothed", "cross-entropy (log scale)", "optimizer step"];
    for (const name of [...texts, "layers.2: Linear(64, 64)", "layers.4: Linear(64, 32)", "layers.6: Linear(32, 10)"]) {
      expect(text).toContain(name);
    }
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(readdirSync(join(folder, "new"))).toEqual(["first.svg"]);
  });

  test("explains its options, and refuses what it does not know", async () => {
    expect(await outputOf("digits", "--help")).toContain("--epochs N");
    const refusals: [args: string[], message: string][] = [
      [["--epochs", "ten"], '--epochs must be a whole number from 1 to 4294967295, got "ten"; see --help'],
      [["--epochs", "0"], '--epochs must be a whole number from 1 to 4294967295, got "0"; see --help'],
      [["--seed=-1"], '--seed must be a whole number from 0 to 4294967295, got "-1"; see --help'],
      [["--speed", "9"], "Unknown option '--speed'; see --help"],
      [["9"], "Unexpected argument '9'; see --help"],
      [["--out", folder], `cannot write ${folder}: it is a folder`],
    ];
    const got = await Promise.all(refusals.map(([args]) => refusalOf("digits", ...args)));
    expect(got).toEqual(refusals.map(([, message]) => `error: ${message}`));
  });
});

describe("mnist", () => {
  const side = 6;

  /** An IDX file of unsigned bytes. */
  function idx(shape: readonly number[], values: Uint8Array): Buffer {
    const header = Buffer.alloc(4 + 4 * shape.length);
    header.writeUInt32BE(0x0800 + shape.length, 0);
    for (const [axis, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * axis);
    return Buffer.concat([header, values]);
  }

  /** Pictures of 0, 1, …, 9, 0, …: three bright pixels each. */
  function drawn(count: number) {
    const pixels = new Uint8Array(count * side ** 2);
    for (let i = 0; i < count; i++) pixels.fill(255, i * side ** 2 + 3 * (i % 10), i * side ** 2 + 3 * (i % 10) + 3);
    return {
      images: idx([count, side, side], pixels),
      labels: idx(
        [count],
        Uint8Array.from({ length: count }, (_, i) => i % 10),
      ),
    };
  }

  /** A folder with the given files. */
  function folderWith(files: Readonly<Record<string, Buffer>>): string {
    const path = mkdtempSync(join(folder, "mnist-"));
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(path, name), bytes);
    return path;
  }

  test("learns from the four files, packed or not", async () => {
    const [train, t10k] = [drawn(2000), drawn(30)];
    const data = folderWith({
      "train-images-idx3-ubyte.gz": gzipSync(train.images),
      "train-labels-idx1-ubyte": train.labels,
      "t10k-images-idx3-ubyte": t10k.images,
      "t10k-labels-idx1-ubyte.gz": gzipSync(t10k.labels),
    });
    const out = join(data, "curve.svg");
    const stdout = await outputOf("mnist", "--data", data, "--out", out);
    expect(stdout).toContain("MNIST: 2,000 digits to learn from, 30 to test with");
    expect(accuracyIn(stdout)).toBe(100);
    expect(stdout).toContain("Not one was wrong.");
    expect(textOfXml(readFileSync(out, "utf8"))).toContain(`layers.2: Linear(${side ** 2}, 128)`);
  });

  test("holds out a fifth of the test files where there are no others", async () => {
    const { images, labels } = drawn(50);
    const data = folderWith({ "t10k-images-idx3-ubyte": images, "t10k-labels-idx1-ubyte": labels });
    const stdout = await outputOf("mnist", "--data", data, "--epochs", "1", "--out", join(data, "curve.svg"));
    expect(stdout).toContain("MNIST: 40 digits to learn from, 10 to test with");
    expect(stdout).toMatch(/\d+ of 10 wrong/);
  });

  test("refuses files that are not IDX, cut off or in disagreement", () => {
    const { images, labels } = drawn(10);
    const refusal = (imageFile: Buffer, labelFile: Buffer) => {
      const data = folderWith({ images: imageFile, labels: labelFile });
      try {
        return readIdxImages(join(data, "images"), join(data, "labels")) && "none";
      } catch (error) {
        return String(error).replaceAll(`${data}${sep}`, "");
      }
    };
    expect(refusal(images, labels)).toBe("none");
    const wanted = "InputError: images must begin with 0x00000803, as IDX files of bytes along 3 axes do, got";
    expect(refusal(labels, labels)).toBe(`${wanted} 0x00000801`);
    expect(refusal(Buffer.from([0]), labels)).toBe(`${wanted} a file of 1 bytes`);
    expect(refusal(images.subarray(0, 100), labels)).toBe("InputError: images: sizes 10×6×6 need 376 bytes, got 100");
    expect(refusal(images, Buffer.concat([labels, labels]))).toBe("InputError: labels: sizes 10 need 18 bytes, got 36");
    expect(refusal(images, drawn(9).labels)).toBe("InputError: images has 10 pictures, but labels 9 labels");
    expect(refusal(images, idx([10], new Uint8Array(10).fill(17)))).toBe(
      "InputError: labels: label 0 must be a digit, got 17",
    );
    expect(refusal(idx([0, 6, 6], new Uint8Array()), labels)).toContain("images: no pixels, its sizes are 0×6×6");
    expect(refusal(gzipSync(images).subarray(0, 40), labels)).toContain("images is not a whole gzip file");
  });

  test("refuses folders that lack files, or whose files are corrupt, and writes nothing", async () => {
    const { images, labels } = drawn(10);
    const out = join(folder, "never.svg");
    const corrupt = folderWith({ "t10k-images-idx3-ubyte": labels, "t10k-labels-idx1-ubyte": labels });
    expect(await refusalOf("mnist", "--data", corrupt, "--out", out)).toMatch(
      /^error: .*t10k-images-idx3-ubyte must begin with 0x00000803, .* got 0x00000801$/,
    );
    const empty = folderWith({});
    expect(await refusalOf("mnist", "--data", empty)).toBe(
      `error: --data: ${empty} has no t10k-images-idx3-ubyte, nor that with .gz`,
    );
    const lacking = folderWith({
      "t10k-images-idx3-ubyte": images,
      "t10k-labels-idx1-ubyte": labels,
      "train-images-idx3-ubyte": images,
    });
    expect(await refusalOf("mnist", "--data", lacking)).toContain("has no train-labels-idx1-ubyte");
    expect(await refusalOf("mnist")).toBe("error: --data must be given; see --help");
    expect(existsSync(out)).toBe(false);
  });
});

describe("cells", () => {
  /** A folder of PNG pairs: stripes, dark where the membranes are. */
  function stripes(count: number, sizes: readonly [image: number, label: number] = [48, 48]): string {
    const data = mkdtempSync(join(folder, "cells-"));
    for (const [k, part] of ["image", "label"].entries()) {
      mkdirSync(join(data, part));
      for (let n = 0; n < count; n++) {
        const png = new PNG({ width: sizes[k]!, height: sizes[k]! });
        for (let i = 0; i < sizes[k]! ** 2; i++)
          png.data.fill((i + 3 * n) % 12 < 4 ? 0 : 200 + 50 * k, 4 * i, 4 * i + 3);
        writeFileSync(join(data, part, `${n}.png`), PNG.sync.write(png));
      }
    }
    return data;
  }
  const small = ["--epochs", "1", "--steps", "12", "--side", "32", "--batch", "2"];
  const scores = (stdout: string): number[] =>
    [...stdout.matchAll(/^(?:pixel error|membrane F1): (\d+\.\d\d) %$/gm)].map((found) => Number(found[1]));

  test("learns from PNG pairs, the same on each run, and draws image, truth, prediction and error", async () => {
    const data = stripes(3);
    const pictures = ["first.png", "second.png"].map((name) => join(folder, "cells", name));
    const runs = await Promise.all(pictures.map((out) => outputOf("cells", "--data", data, ...small, "--out", out)));
    expect(runs[0]).toContain("Cells: 2 sections to learn from, 1 to test with;");
    const [error, f1] = scores(runs[0]!);
    expect(error).toBeLessThan(15);
    expect(f1).toBeGreaterThan(70);
    const [first, second] = pictures.map((path) => readFileSync(path));
    expect(second).toEqual(first);
    const { width, height } = PNG.sync.read(first!);
    expect([width, height]).toEqual([4 * 48 + 3 * 8, 48]);
  });

  test("refuses sides that do not fit, and files that are none", async () => {
    const data = stripes(2);
    expect(await refusalOf("cells", "--data", data, "--side", "40")).toBe(
      "error: --side must be a multiple of 16, and at most 48, got 40; see --help",
    );
    expect(await refusalOf("cells", "--data", stripes(2, [48, 32]))).toContain(
      "must be of one size, got 48×48 and 32×32",
    );
    expect(await refusalOf("cells", "--data", folder)).toContain("must have image/0.png, image/1.png and so on");
    writeFileSync(join(data, "image", "1.png"), "no picture");
    expect(await refusalOf("cells", "--data", data)).toContain("1.png is not a PNG file");
  });
});

test("resnet trains three networks, and shows residuals, filters, mistakes and curves", async () => {
  const out = join(folder, "resnet.svg");
  const stdout = await outputOf("resnet", "--epochs", "4", "--channels", "8", "--blocks", "1", "--out", out);
  expect(accuracyIn(stdout)).toBeGreaterThan(70); // 8 times as many epochs and twice the size: 98.9
  for (const name of ["residual network", "the same without identity paths", "multilayer perceptron"]) {
    expect(stdout).toMatch(new RegExp(`^${name} +[\\d,]+ +[\\d,]+ +\\d+\\.\\d\\d % +\\d+\\.\\d s$`, "m"));
  }
  expect([...stdout.matchAll(/^ {4}\d( +\d\.\de[-+]\d+){4}$/gm)].length).toBe(2); // two blocks, two networks, two epochs
  expect(stdout).toMatch(/filters of the first convolution:\n\n(?:[ ░▒▓█]+\n){3}1 +2 +3/);
  expect(stdout).toMatch(/^\d+ of 359 wrong/m);
  for (const path of [out, join(folder, "resnet-without.svg")]) {
    const text = textOfXml(readFileSync(path, "utf8"));
    expect(text).toContain("Residuals of blocks");
    expect(text).toContain("block 2");
  }
  const refusals: [args: string[], message: string][] = [
    [["--channels", "3"], "--channels must be even, got 3; see --help"],
    [["--flip", "101"], "--flip must be at most 100, got 101; see --help"],
    [["--data", folder], `--data: ${folder} has no t10k-images-idx3-ubyte, nor that with .gz`],
  ];
  const got = await Promise.all(refusals.map(([args]) => refusalOf("resnet", ...args)));
  expect(got).toEqual(refusals.map(([, message]) => `error: ${message}`));
});

test("xor learns the table", async () => {
  const rows = [...(await outputOf("xor")).matchAll(/^(\d) {2}(\d) {2}(\d) +(\d\.\d+)$/gm)].map((row) =>
    row.slice(1).map(Number),
  );
  expect(rows.map(([a, b, target]) => [a, b, target])).toEqual([
    [0, 0, 0],
    [0, 1, 1],
    [1, 0, 1],
    [1, 1, 0],
  ]);
  for (const [, , target, predicted] of rows) expect(Math.abs(predicted! - target!)).toBeLessThan(0.1);
});

test("spiral tells fresh points apart, and draws the regions", async () => {
  const stdout = await outputOf("spiral");
  expect(accuracyIn(stdout)).toBeGreaterThanOrEqual(95);
  const map = stdout.split("\n").filter((line) => /^[ ░▒ox+]{64}$/.test(line));
  expect(map.length).toBe(30);
  for (const sign of [" ", "░", "▒", "o", "x", "+"]) expect(map.join("")).toContain(sign);
  expect(await refusalOf("spiral", "--epochs", "1.5")).toContain("--epochs must be a whole number");
});

test("diabetes does better than the mean, by a line and by a perceptron", async () => {
  const stdout = await outputOf("diabetes");
  const found = [...stdout.matchAll(/^(straight line|perceptron): RMSE (\d+\.\d), R² (0\.\d{3}) on patients/gm)];
  expect(found.map(([, name]) => name)).toEqual(["straight line", "perceptron"]);
  for (const [, , error, explained] of found) {
    expect(Number(error)).toBeLessThan(65);
    expect(Number(explained)).toBeGreaterThan(0.3);
  }
  expect(stdout).toContain("loss curve: converging");
});

test("wine tells the growers apart, and stops early", async () => {
  const stdout = await outputOf("wine");
  expect(Number(/^test accuracy: (\d+\.\d\d) %/m.exec(stdout)?.[1])).toBeGreaterThanOrEqual(90);
  expect(stdout).toMatch(/ended after \d+ epochs: no better validation\.loss for 10 epochs/);
  const rows = [...stdout.matchAll(/^[123] {13}( +\d+)( +\d+)( +\d+)$/gm)].map((row) => row.slice(1).map(Number));
  expect(rows.map((row) => row.reduce((a, b) => a + b, 0))).toEqual([15, 18, 12]);
});

test.each(["1", "45", "57", "100", "9999"])("resume goes on to the bit, stopped at step %s", async (stop) => {
  expect(await outputOf("resume", "--stop", stop)).toContain("every loss is the same, to the bit");
});
