import { spawnSync } from "node:child_process";
import { findChromium } from "./chromium.ts";

const advice = `test:browser: there is no Chromium here, and no Chrome. Install one, for example by

  sudo apt-get install chromium            Debian
  brew install --cask chromium             macOS
  winget install Google.Chrome             Windows

or name the program that you have in CHROMIUM_PATH.`;

/** Whether system packages may be installed: root may; others are not surprised by it, but for machines of CI. */
function mayInstall(): boolean {
  return process.platform === "linux" && (process.getuid?.() === 0 || process.env["CI"] === "true");
}

/** Runs a command as root, with its output shown; false if it cannot. */
function asRoot(...command: string[]): boolean {
  const [program, ...args] = process.getuid?.() === 0 ? command : ["sudo", "-n", ...command];
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync(program!, args, { stdio: ["ignore", "inherit", "inherit"], env }).status === 0;
}

function install(): void {
  console.log("test:browser: installing Chromium");
  const options = ["-q", "-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=120"];
  asRoot("apt-get", ...options, "update"); // one bad source of several is no reason to stop
  asRoot("apt-get", ...options, "install", "-y", "--no-install-recommends", "chromium");
}

if (findChromium() === null && mayInstall()) install();
const found = findChromium();
console.log(found === null ? advice : `test:browser: ${found}`);
process.exitCode = found === null ? 1 : 0;
