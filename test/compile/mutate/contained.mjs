import { rmSync } from "node:fs";
import { Worker } from "node:worker_threads";

// Runs a module that may never end:
//   node contained.mjs FILE MILLISECONDS
// The process ends with 0 if the module does, with 2 after so long, and with 1 if the module throws, or if whoever started this is gone, which closes the standard
// input. It takes the file along.

const [file, longest] = process.argv.slice(2);
process.on("exit", () => rmSync(file, { force: true }));
for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));
const worker = new Worker(file);
worker.on("error", () => process.exit(1));
worker.on("exit", (status) => process.exit(status));
setTimeout(() => process.exit(2), Number(longest));
process.stdin.on("end", () => process.exit(1)).resume();
