// Sets up what the tests of BLAS need. Where it may not install, they are skipped; in CI they fail.
import { blas } from "../../src/blas/index.ts";
import { installPackage, mayInstall } from "../support/systemPackage.ts";

const find = () => blas().catch(() => null);
if ((await find()) === null && mayInstall()) {
  console.log("installing OpenBLAS");
  installPackage("libopenblas0-serial");
}
console.log(`BLAS: ${(await find())?.version ?? "none"}`);
