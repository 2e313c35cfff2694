// Sets up what the tests of ONNX need: ONNX's checker, and its models. Where it may not install, they are skipped; in CI they fail.
import { installPackage, mayInstall } from "../support/systemPackage.ts";
import { catalogue } from "./catalogue.ts";
import { findPython } from "./checker.ts";

if (mayInstall() && findPython() === null) {
  console.log("test:unit: installing ONNX's checker");
  installPackage("python3-onnx");
}
if (mayInstall() && catalogue().length === 0) {
  console.log("test:unit: installing ONNX's models");
  installPackage("libonnx-testdata");
}
console.log(`test:unit: Python with onnx: ${findPython() ?? "none"}; models: ${catalogue().length}`);
