import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = new URL("../../", import.meta.url);

/** A site on this machine, and on no other. */
export interface Site {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  close(): Promise<void>;
}

/** Headers of HTTP, by name. */
export type Headers = Readonly<Record<string, string>>;

interface Answer {
  readonly type: string;
  readonly body: string | Uint8Array;
}

/** A page with one module script, and a place for what the script shows. */
function html(name: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${name}</title>
<output></output>
<script type="module" src="/pages/${name}.js"></script>
`;
}

/** A page's script. What it imports from the package stays an import, of the files that the package ships. */
async function script(name: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`test/browser/pages/${name}.ts`, root))],
    alias: {
      "tinygrad-ts": "/dist/index.js",
      "tinygrad-ts/compile": "/dist/compile.js",
      "tinygrad-ts/model": "/dist/model.js",
      "tinygrad-ts/onnx": "/dist/onnx.js",
      "onnxruntime-web": "/onnxruntime/ort.wasm.min.mjs",
    },
    external: ["/dist/*", "/onnxruntime/*"],
    bundle: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  return outputFiles[0]!.text;
}

const types: Record<string, string> = {
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
  ".gz": "application/gzip",
};

/** Where the files of onnxruntime lie. */
const onnxruntime = new URL("./", import.meta.resolve("onnxruntime-web"));

/** What stands at a path; null if nothing does. */
async function answer(path: string): Promise<Answer | null> {
  const [, name, extension] = /^\/pages\/(\w+)\.(html|js)$/.exec(path) ?? [];
  if (name !== undefined && extension === "html") return { type: "text/html", body: html(name) };
  if (name !== undefined) return { type: "text/javascript", body: await script(name) };
  if (path === "/favicon.ico") return { type: "image/x-icon", body: "" };
  const [, file] = /^\/onnxruntime\/([\w.-]+)$/.exec(path) ?? [];
  if (file !== undefined) return { type: types[extname(file)]!, body: await readFile(new URL(file, onnxruntime)) };
  if (!/^\/(dist|examples\/data)\/[\w.-]+$/.test(path)) return null;
  return { type: types[extname(path)] ?? "text/plain", body: await readFile(new URL(`.${path}`, root)) };
}

/** Serves the pages of `test/browser/pages`, the built package, and the examples' data, with headers of one's own on each answer. */
export async function serve(headers: Headers = {}): Promise<Site> {
  const server = createServer(async (request, response) => {
    try {
      const found = await answer(new URL(request.url ?? "/", "http://127.0.0.1").pathname);
      const { type, body } = found ?? { type: "text/plain", body: "not found" };
      response.writeHead(found === null ? 404 : 200, { ...headers, "content-type": type, "cache-control": "no-store" });
      response.end(body);
    } catch (error) {
      response.writeHead(500, { "content-type": "text/plain" });
      response.end(String(error));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}
