import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("interchange.py", import.meta.url));

/** A Python with numpy, or null: that of a virtual environment may have none where the system's has. */
export function findPython(): string | null {
  const programs = ["python3", "/usr/bin/python3", "python"];
  return programs.find((name) => spawnSync(name, ["-c", "import numpy"]).status === 0) ?? null;
}

/** Runs interchange.py. */
export function python(...args: string[]): string {
  const program = findPython();
  if (program === null) throw new Error("needs Python with numpy: apt-get install python3-numpy");
  const { status, stdout, stderr } = spawnSync(program, [script, ...args], { encoding: "utf8", maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}
