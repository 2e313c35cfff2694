import { everyday } from "./programs/everyday.js";
import { show } from "./programs/show.js";
import { threads } from "./programs/threads.js";
import { workerOptions } from "./worker.js";

void show(async () => {
  const results = { everyday: await everyday(), threads: await threads() };
  return { ...results, threadsFromFile: workerOptions && (await threads(workerOptions)) };
});
