import { manualSeed, setDefaultDtype } from "../../src/index.ts";

// Before each file of those that share a process: what a fresh one starts with.
setDefaultDtype("float32");
manualSeed(0);
