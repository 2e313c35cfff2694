import { Linear } from "tinygrad-ts";
import { setThreads } from "tinygrad-ts/compile";
import { decode, encode } from "tinygrad-ts/safetensors";

// What pages do, by the DOM's types.

const bytes = encode(new Linear(2, 1).stateDict());
export const download = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
export const uploaded = fetch("/model", { method: "POST", body: bytes });
export const weights = async () => decode(await (await fetch("/model.safetensors")).arrayBuffer());
export const started = setThreads(2, { worker: () => new Worker("/compile-worker.js") });
