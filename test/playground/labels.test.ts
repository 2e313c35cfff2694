import { expect, test } from "vitest";
import { derivativeInChinese } from "../../docs/playground/derivativeInChinese.ts";
import { labelsOf } from "../../docs/playground/labels.ts";
import { derivatives } from "../../src/debug/derivatives.ts";

test("local derivatives are in Chinese, as far as they are words", () => {
  const texts = [...Object.values(derivatives).flat(), "the gradient rule of bce"];
  for (const text of texts) {
    const { zh, en } = labelsOf;
    expect(en.derivativeIs(text)).toBe(text);
    expect(zh.derivativeIs(text)).toBe(derivativeInChinese(text));
    // Two words in a row make a sentence.
    expect(zh.derivativeIs(text)).not.toMatch(/[a-z]{2,} [a-z]{2,}/i);
  }
  expect(derivativeInChinese("the gradient rule of bce")).toBe("按 bce 的梯度规则计算");
  expect(derivativeInChinese("∂(a + b)/∂a = 1")).toBe("∂(a + b)/∂a = 1");
});

test("both languages call ∂L/∂z the residual", () => {
  expect(labelsOf.en.columns).toContain("residual δ = ∂L/∂z");
  expect(labelsOf.zh.columns).toContain("残差 δ = ∂L/∂z");
  for (const { lead, walkFirstResidual, walkResidual } of [labelsOf.en, labelsOf.zh]) {
    for (const text of [lead, walkFirstResidual, walkResidual("")]) expect(text).toContain("δ = ∂L/∂z");
  }
});
