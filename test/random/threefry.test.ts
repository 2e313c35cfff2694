import { expect, test } from "vitest";
import { threefry2x32 } from "../../src/random/threefry.ts";

test.each([
  // Random123's known answers for threefry2x32 with 20 rounds: counter, key, result.
  [
    [0x00000000, 0x00000000],
    [0x00000000, 0x00000000],
    [0x6b200159, 0x99ba4efe],
  ],
  [
    [0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x1cb996fc, 0xbb002be7],
  ],
  [
    [0x243f6a88, 0x85a308d3],
    [0x13198a2e, 0x03707344],
    [0xc4923a9c, 0x483df7a0],
  ],
])("Threefry-2x32-20 gives the published answer for counter %j and key %j", (counter, key, answer) => {
  const out = new Uint32Array(2);
  threefry2x32(key[0]!, key[1]!, counter[0]!, counter[1]!, out);
  expect([...out]).toEqual(answer);
});
