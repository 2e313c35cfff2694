// Sets up what the tests of MPI need. Where it may not install, they are skipped; in CI they fail.
import { installPackage, mayInstall } from "../support/systemPackage.ts";
import { mpirun } from "./job.ts";

if (mpirun() === null && mayInstall()) {
  console.log("installing Open MPI");
  installPackage("openmpi-bin"); // and with it libopenmpi3
}
console.log(`MPI: ${mpirun() ?? "none"}`);
