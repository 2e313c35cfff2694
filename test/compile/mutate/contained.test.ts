import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

// Trials of mutants may run for ever, and must not outlive the script that started them, however that ends.

const folder = mkdtempSync(join(tmpdir(), "contained-"));
afterAll(() => rmSync(folder, { recursive: true }));
const program = fileURLToPath(new URL("contained.mjs", import.meta.url));

/** How a module ends that is run by itself, and whether its file is still there. */
async function endOf(name: string, code: string, longest: number, end?: (child: ReturnType<typeof started>) => void) {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, code);
  const child = started(file, longest);
  end?.(child);
  const status = await new Promise((resolve) => child.on("close", resolve));
  return { status, isLeft: existsSync(file) };
}

const started = (file: string, longest: number) =>
  spawn(process.execPath, [program, file, String(longest)], { stdio: ["pipe", "pipe", "ignore"] });

const forEver = "console.log('begun'); for (;;);";

test("what ends, ends as it does", async () => {
  expect(await endOf("good", "await null;", 60_000)).toEqual({ status: 0, isLeft: false });
  expect(await endOf("bad", "throw new Error('bad');", 60_000)).toEqual({ status: 1, isLeft: false });
});

test("what runs for ever ends after a while, and with who started it", async () => {
  expect(await endOf("long", forEver, 1)).toEqual({ status: 2, isLeft: false });
  const gone = await endOf("gone", forEver, 60_000, (child) => child.stdout.once("data", () => child.stdin.end()));
  expect(gone).toEqual({ status: 1, isLeft: false });
  const killed = await endOf("killed", forEver, 60_000, (child) => child.stdout.once("data", () => child.kill()));
  expect(killed).toEqual({ status: 1, isLeft: false });
});
