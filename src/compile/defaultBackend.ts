// The only file of the compiler that knows what runs its graphs: all others go through backend.ts.
export { webAssembly as defaultBackend } from "./webassembly/backend.ts";
export { setThreads, type ThreadOptions } from "./webassembly/setThreads.ts";
export type { WebWorker } from "./webassembly/threads/spawn.ts";
