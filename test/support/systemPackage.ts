import { spawnSync } from "node:child_process";

/** Whether system packages may be installed: root may; others are not surprised by it, but for machines of CI. */
export function mayInstall(): boolean {
  return process.platform === "linux" && (process.getuid?.() === 0 || process.env["CI"] === "true");
}

/** Installs a package of Debian's, with its output shown; whether that worked is to be seen by what is there afterwards. */
export function installPackage(name: string): void {
  const options = ["-q", "-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=120"];
  asRoot("apt-get", ...options, "update"); // one bad source of several is no reason to stop
  asRoot("apt-get", ...options, "install", "-y", "--no-install-recommends", name);
}

function asRoot(...command: string[]): void {
  const [program, ...args] = process.getuid?.() === 0 ? command : ["sudo", "-n", ...command];
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  spawnSync(program!, args, { stdio: ["ignore", "inherit", "inherit"], env });
}
