/** What the library says of local derivatives in words, in Chinese. Formulas need no translation. */
const texts: Readonly<Record<string, string>> = {
  "∂relu(x)/∂x = 1 where x > 0, else 0": "x > 0 时 ∂relu(x)/∂x = 1，否则为 0",
  "∂clamp(x)/∂x = 1 within the bounds, else 0": "在上下界之内 ∂clamp(x)/∂x = 1，否则为 0",
  "1 where a is the larger, else 0; half each at ties": "a 较大时为 1，否则为 0；相等时各为 ½",
  "1 where b is the larger, else 0; half each at ties": "b 较大时为 1，否则为 0；相等时各为 ½",
  "1 where a is the smaller, else 0; half each at ties": "a 较小时为 1，否则为 0；相等时各为 ½",
  "1 where b is the smaller, else 0; half each at ties": "b 较小时为 1，否则为 0；相等时各为 ½",
  "1 where the condition holds, else 0": "条件成立时为 1，否则为 0",
  "1 where it does not, else 0": "条件不成立时为 1，否则为 0",
  "1 for the largest element, shared at ties, else 0": "最大的元素为 1（并列时均分），其余为 0",
  "1 for the smallest element, shared at ties, else 0": "最小的元素为 1（并列时均分），其余为 0",
  "g, in the shape of x": "g，变回 x 的形状",
  "g, with its axes in the order of x": "g，各轴恢复 x 的顺序",
  "g, summed over the repeated axes": "g，沿重复的轴求和",
  "g, in the dtype of x": "g，转换为 x 的数据类型",
  "g where elements were taken from, else 0": "取出元素的位置为 g，其余为 0",
  "the part of g that belongs to this input": "g 中属于该输入的部分",
  "∂(x ∗ w)/∂x: g spread by the weight": "∂(x ∗ w)/∂x：g 按权重散布回去",
  "∂(x ∗ w)/∂w: the windows of x, weighted by g": "∂(x ∗ w)/∂w：x 的各个窗口按 g 加权求和",
  "∂/∂g: the convolution of g": "∂/∂g：g 的卷积",
  "∂/∂w: the windows of g, weighted by x": "∂/∂w：g 的各个窗口按 x 加权求和",
  "∂/∂x: g spread by the cotangent": "∂/∂x：g 按余切散布回去",
  "∂/∂g: the convolution of x by g": "∂/∂g：x 与 g 的卷积",
  "g at the first largest element of each window": "g 放回各窗口中第一个最大的元素处",
  "g at the element that each window gave": "g 放回各窗口所取的元素处",
  "the element of g at the place of each window": "各窗口所取位置上 g 的元素",
  "the windows of g, added up where they lie": "g 的各个窗口在原位置上累加",
  "the windows of g": "g 的各个窗口",
};

/** A local derivative, as `explain` writes it, in Chinese. */
export function derivativeInChinese(text: string): string {
  return texts[text] ?? text.replace(/^the gradient rule of (.*)$/, "按 $1 的梯度规则计算");
}
