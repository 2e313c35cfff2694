import { fileURLToPath } from "node:url";

/** The folder in which dependencies are installed is above this project's. */
const root = fileURLToPath(new URL("../../", import.meta.url));

export default { output: "export", turbopack: { root }, outputFileTracingRoot: root };
