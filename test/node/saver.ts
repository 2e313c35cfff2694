// Saves a file again and again, until it is killed: all elements, and the remark, are one number, which counts up.
import { full } from "../../src/index.ts";
import { writeFileAtomic } from "../../src/node/index.ts";
import { encode } from "../../src/safetensors/index.ts";

const path = process.argv[2]!;
for (let k = Number(process.argv[3]); ; k++) {
  await writeFileAtomic(path, encode({ x: full([50_000], k, { dtype: "float64" }) }, { k: String(k) }));
  if (k % 2 === 0) process.stdout.write(".");
}
