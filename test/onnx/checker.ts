import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A Python with the package onnx, or null: that of a virtual environment may have none where the system's has. */
export function findPython(): string | null {
  const programs = ["/usr/bin/python3", "python3"];
  return programs.find((name) => spawnSync(name, ["-c", "import onnx"]).status === 0) ?? null;
}

const script = `
import sys, onnx
for path in sys.argv[1:]:
    try:
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        # Shapes that ONNX infers must be those that are declared, where it infers any.
        onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
    except Exception as error:
        print(path, str(error).replace("\\n", " ")[:300])
`;

/** What ONNX's own checker says against files; empty for files that are right. */
export function complaints(program: string, files: Readonly<Record<string, Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), "onnx-"));
  try {
    const paths = Object.entries(files).map(([name, bytes]) => {
      const path = join(folder, `${name}.onnx`);
      writeFileSync(path, bytes);
      return path;
    });
    const { status, stdout, stderr } = spawnSync(program, ["-c", script, ...paths], { encoding: "utf8" });
    return status === 0 ? stdout : stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
