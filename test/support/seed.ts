import fc from "fast-check";

// Each run of the tests draws other values, but in CI, where what has passed is to pass again: `CI=true FC_SEED=2 npx vitest run` draws others there.
if (process.env["CI"] === "true") fc.configureGlobal({ seed: Number(process.env["FC_SEED"] ?? 1) });
