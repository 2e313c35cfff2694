import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../docs/extract.ts";

/** The package as it would be published. */
export interface Packed {
  /** The tarball. */
  readonly file: string;
  /** The paths of what it holds. */
  readonly paths: readonly string[];
  /** Bytes that it takes when it is installed. */
  readonly size: number;
}

/** Packs the package, with dist/ as it is, into a folder. */
export function packInto(folder: string): Packed {
  const npm = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  // One command string: on Windows npm is a script, which only a shell can start.
  const report = execFileSync(`npm ${npm.map((word) => JSON.stringify(word)).join(" ")}`, {
    cwd: root,
    encoding: "utf8",
    shell: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  // npm reports a list of packages, or (later) an object of them.
  const [tarball] = Object.values(
    JSON.parse(report) as Record<string, { filename: string; unpackedSize: number; files: { path: string }[] }>,
  );
  const { filename, unpackedSize, files } = tarball!;
  return { file: join(folder, filename), paths: files.map(({ path }) => path).sort(), size: unpackedSize };
}

/** Unpacks it into a folder, which is made. */
export function unpackInto(folder: string, { file }: Packed): void {
  mkdirSync(folder, { recursive: true });
  execFileSync("tar", ["-xzf", file, "--strip-components=1"], { cwd: folder });
}
