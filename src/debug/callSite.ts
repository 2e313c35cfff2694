/** Where user code called into the library: the first line of a stack that is not the library's own. Null if the engine does not say, or all is bundled into one file. */
export function callSite(): string | null {
  const { stack } = deep(() => new Error("where?"));
  const frames = (stack ?? "")
    .split("\n")
    .map(placeOf)
    .filter((place) => place !== null);
  const own = libraryFolder(frames);
  if (own === null) return null;
  const place = frames.find((frame) => !frame.file.startsWith(own) && !frame.file.startsWith("node:"));
  return place === undefined ? null : `${readable(place.file)}:${place.line}`;
}

interface Place {
  readonly file: string;
  readonly line: string;
}

/** Reads a line of a stack: `at f (file:line:column)` of V8, `f@file:line:column` of the others. */
function placeOf(text: string): Place | null {
  const found = /(?:\(|@|at (?:async )?)((?:[a-z][\w+.-]*:\/\/|\/|[A-Za-z]:[\\/]|node:)[^()]*?):(\d+):\d+\)?$/.exec(
    text.trim(),
  );
  return found === null ? null : { file: found[1]!, line: found[2]! };
}

/** The folder of the library: what this file and the one that called it have in common, if they are two. */
function libraryFolder(frames: readonly Place[]): string | null {
  const [self] = frames;
  const caller = frames.find(({ file }) => file !== self?.file);
  if (self === undefined || caller === undefined) return null;
  // In the sources this is …/src/debug/callSite.ts; in the package …/dist/debug.js, or a chunk beside it.
  const folder = self.file.slice(0, self.file.lastIndexOf("/") + 1);
  return folder.endsWith("/debug/") ? folder.slice(0, -"debug/".length) : folder;
}

function readable(file: string): string {
  return file.replace(/^file:\/\//, "").replace(/\?.*$/, "");
}

/** Runs with room for more lines than the ten that V8 keeps. */
function deep<T>(fn: () => T): T {
  const limits = Error as unknown as { stackTraceLimit?: number };
  const before = limits.stackTraceLimit;
  limits.stackTraceLimit = 50;
  try {
    return fn();
  } finally {
    if (before === undefined) delete limits.stackTraceLimit;
    else limits.stackTraceLimit = before;
  }
}
