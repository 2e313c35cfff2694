// Not run: what the matchers' types say in a project with @types/jest.

const energy = (x: number[]): number => x[0]! ** 2;

export function typed(): void {
  expect(energy).toHaveGradient((x) => [2 * x[0]!], { at: [3] });
  expect(energy).not.toHaveGradient((x) => x, { at: [3], rtol: 1e-6 });
  const pending: Promise<void> = expect(async (x: number[]) => energy(x)).toHaveGradient((x) => x, { at: [3] });
  pending.catch(() => undefined);
  // @ts-expect-error: the point has the form of x
  expect(energy).toHaveGradient((x) => x, { at: 3 });
}
