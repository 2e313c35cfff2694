import { installPackage, mayInstall } from "../support/systemPackage.ts";
import { findChromium } from "./chromium.ts";

const advice = `test:browser: there is no Chromium here, and no Chrome. Install one, for example by

  sudo apt-get install chromium            Debian
  brew install --cask chromium             macOS
  winget install Google.Chrome             Windows

or name the program that you have in CHROMIUM_PATH.`;

if (findChromium() === null && mayInstall()) {
  console.log("test:browser: installing Chromium");
  installPackage("chromium");
}
const found = findChromium();
console.log(found === null ? advice : `test:browser: ${found}`);
process.exitCode = found === null ? 1 : 0;
