import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { errorAgainstStep } from "./errorAgainstStep.ts";

// npm run figure

writeFileSync(fileURLToPath(new URL("../guide/error-against-step.svg", import.meta.url)), errorAgainstStep());
