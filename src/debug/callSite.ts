import { checkTensor } from "../core/apply.ts";

/**
 * Where user code called the library: the first line of a stack outside the library, as `file:line`. Null if the engine does not say, or if the library was bundled into one file, which then most
 * likely holds the program too.
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

/** The places in a stack: `at f (file:line:column)` or `at file:line:column` of V8, `f@file:line:column` of the others. */
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

/** The folder that contains the modules of the library; null if they are all in one file. */
function libraryFolder(): string | null {
  const [own] = placesOf(new Error("here").stack);
  const [core] = placesOf(stackFromCore());
  if (own === undefined || core === undefined || own.file === core.file) return null;
  let at = 0;
  while (own.file[at] === core.file[at]) at++;
  return own.file.slice(0, own.file.slice(0, at).search(/[^\\/]*$/));
}

/** A stack that starts in another module of the library. */
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
