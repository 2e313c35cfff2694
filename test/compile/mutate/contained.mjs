import { rmSync } from "node:fs";
import { Worker } from "node:worker_threads";

// Runs a module that may never end:
//   node contained.mjs FILE MILLISECONDS
// The process ends with 0 if the module does, with 1 if it throws, with 2 after so much time of a processor, however busy the machine is, and with 1 if whoever
// started this is gone, which closes the standard input. It takes the file along.

const [file, longest] = process.argv.slice(2);
process.on("exit", () => rmSync(file, { force: true }));
for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));
const worker = new Worker(file);
worker.on("error", () => process.exit(1));
worker.on("exit", (status) => process.exit(status));
setInterval(() => {
  const { user, system } = process.cpuUsage();
  if (user + system > 1000 * Number(longest)) process.exit(2);
}, 50);
process.stdin.on("end", () => process.exit(1)).resume();
