import { checkTensor } from "../core/apply.ts";

/**
 * Where user code called into the library: the first line of a stack that is not the library's own, as `file:line`. Null if the engine does not say, or the library was bundled into one
 * file, most likely with the program.
 */
export function callSite(stack: string | undefined): string | null {
  const folder = libraryFolder();
  if (folder === null) return null;
  const place = placesOf(stack).find(({ file }) => !file.startsWith(folder) && !file.startsWith("node:"));
  return place === undefined ? null : `${readable(place.file)}:${place.line}`;
}

interface Place {
  readonly file: string;
  readonly line: string;
}

/** The lines of a stack that have a place: `at f (file:line:column)` or `at file:line:column` of V8, `f@file:line:column` of the others. */
export function placesOf(stack = ""): Place[] {
  return stack.split("\n").flatMap((line) => {
    const found = /^(.+):(\d+):\d+$/.exec(locationIn(line.trim()));
    return found === null ? [] : [{ file: found[1]!, line: found[2]! }];
  });
}

function locationIn(text: string): string {
  if (!text.startsWith("at ")) return /^[a-z]+:\/\//.test(text) ? text : text.slice(text.indexOf("@") + 1);
  if (!text.endsWith(")")) return text.replace(/^at (async )?/, "");
  const location = text.slice(text.indexOf(" (") + 2, -1);
  return location.startsWith("eval at ") ? location.slice(location.lastIndexOf(", ") + 2) : location;
}

/** The folder that the library's modules have in common, or null if they are one file. */
function libraryFolder(): string | null {
  const [own] = placesOf(new Error("here").stack);
  const [core] = placesOf(stackFromCore());
  if (own === undefined || core === undefined || own.file === core.file) return null;
  let at = 0;
  while (own.file[at] === core.file[at]) at++;
  return own.file.slice(0, own.file.slice(0, at).search(/[^\\/]*$/));
}

/** A stack that begins in another module of the library than this one. */
function stackFromCore(): string | undefined {
  try {
    checkTensor("", undefined);
  } catch (error) {
    return (error as Error).stack;
  }
  return undefined;
}

function readable(file: string): string {
  return file.replace(/^file:\/\//, "").replace(/\?.*$/, "");
}
