import { afterEach, expect, test, vi } from "vitest";
import { gradientMatchers } from "../../src/gradcheck/index.ts";

// With a real Jest: test/consumers/jest-cjs.

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test("registers the matchers on the global expect", async () => {
  const extend = vi.fn();
  vi.stubGlobal("expect", { extend });
  await import("../../src/jest.ts");
  expect(extend).toHaveBeenCalledExactlyOnceWith({ ...gradientMatchers });
});

test("without a global expect it says where it belongs", async () => {
  vi.stubGlobal("expect", undefined);
  await expect(import("../../src/jest.ts")).rejects.toThrow(
    "there must be a global expect, got none; name the module in",
  );
});
