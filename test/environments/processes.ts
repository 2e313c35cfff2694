import { execFile } from "node:child_process";

/** What is kept from child processes: this test run's own settings, which a child would take for its own. */
const own = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST|NODE_ENV|NODE_OPTIONS|FORCE_COLOR|npm_)/.test(name)),
);

/** What a process printed. */
export interface Printed {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, which must come within so many milliseconds. */
export function run(program: string, args: readonly string[], cwd: string, timeout = 150_000): Promise<Printed> {
  const env = { ...own, NO_COLOR: "1", NEXT_TELEMETRY_DISABLED: "1" };
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd, env, timeout, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const { code, killed } = (error ?? {}) as { readonly code?: unknown; readonly killed?: boolean };
      const command = `${program} ${args.join(" ")}`;
      if (killed) reject(new Error(`${command}: did not end within ${timeout} ms\n${stdout}${stderr}`));
      else if (error !== null && typeof code !== "number") reject(error);
      else resolve({ status: error === null ? 0 : (code as number), stdout, stderr });
    });
  });
}

/** The same for a program that must succeed, without a word on its standard error, and print JSON. */
export async function json(program: string, args: readonly string[], cwd: string, timeout?: number): Promise<unknown> {
  const { status, stdout, stderr } = await run(program, args, cwd, timeout);
  if (status !== 0 || stderr !== "") throw new Error(`exit status ${status}\n${stdout}${stderr}`);
  return JSON.parse(stdout);
}

/** The same for one that only must succeed. */
export async function succeed(program: string, args: readonly string[], cwd: string): Promise<void> {
  const { status, stdout, stderr } = await run(program, args, cwd);
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: exit status ${status}\n${stdout}${stderr}`);
}
