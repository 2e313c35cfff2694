import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** Where installers put it on systems that have no PATH for it. */
const elsewhere = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  ...["ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA"].flatMap((root) => {
    const folder = process.env[root];
    return folder === undefined ? [] : [join(folder, "Google", "Chrome", "Application", "chrome.exe")];
  }),
];

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The Chromium, or Chrome, that CHROMIUM_PATH names; else the first that is installed; null if there is none. */
export function findChromium(): string | null {
  const { CHROMIUM_PATH: chosen, PATH = "" } = process.env;
  if (chosen !== undefined && chosen !== "") {
    if (!isExecutable(chosen)) throw new Error(`CHROMIUM_PATH must name a program, got "${chosen}"`);
    return chosen;
  }
  const onPath = names.flatMap((name) => PATH.split(delimiter).map((folder) => join(folder, name)));
  return [...onPath, ...elsewhere].find(isExecutable) ?? null;
}

/** How tests start it: without a window, and without a word to any other machine. */
export function launchOptions() {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error("tests need Chromium: npm run test:browser sets it up, or says how");
  return {
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
      "--no-proxy-server",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    ],
  };
}
