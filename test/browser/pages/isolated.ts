import { show } from "./show.ts";
import { learnSineTwice } from "./sine.ts";

void show(() => ({
  isIsolated: crossOriginIsolated,
  hasSharedMemory: typeof SharedArrayBuffer === "function",
  losses: learnSineTwice({ dtype: "float32", width: 64, points: 256 }),
}));
