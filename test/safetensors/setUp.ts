// Sets up what the tests against numpy need. Where it may not install, they are skipped, and say why; in CI they fail.
import { installPackage, mayInstall } from "../support/systemPackage.ts";
import { findPython } from "./python.ts";

if (findPython() === null && mayInstall()) {
  console.log("test:unit: installing numpy");
  installPackage("python3-numpy");
}
console.log(`test:unit: Python with numpy: ${findPython() ?? "none"}`);
