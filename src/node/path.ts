/// <reference types="node" />
import { fileURLToPath } from "node:url";
import { textOf, ValueError } from "../core/errors.ts";

/** The path that a string or a `file:` URL is, of any realm; refuses what no file can be at. */
export function pathOf(op: string, path: unknown, otherwise = ""): string {
  if (Object.prototype.toString.call(path) === "[object URL]") {
    const { protocol, host, href } = path as URL;
    if (protocol === "file:" && host === "") return fileURLToPath(href);
    throw new ValueError(op, "needs a path, or a file: URL without a host", href, fetched(protocol));
  }
  const given = typeof path === "string" ? path : "";
  const [, protocol] = /^(file:|https?:)\/\//.exec(given) ?? [];
  if (given !== "" && !given.includes("\0") && protocol === undefined) return given;
  const hint = protocol === "file:" ? "write new URL(path)" : fetched(protocol);
  throw new ValueError(op, "needs a path, or a file: URL", textOf(path), hint || otherwise);
}

/** What to do with a file that is on the web. */
function fetched(protocol: string | undefined): string {
  return /^http/.test(protocol ?? "") ? "fetch it: decodeModel(await (await fetch(url)).arrayBuffer())" : "";
}
