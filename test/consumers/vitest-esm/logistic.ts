// Somebody's own code, with a gradient derived by hand: logistic regression on a few points.

export interface Model {
  w: number[];
  b: number;
}

const data = [
  { x: [0.5, -1.2], y: 1 },
  { x: [-0.3, 0.8], y: 0 },
  { x: [1.7, 0.1], y: 1 },
];

const score = ({ w, b }: Model, x: number[]): number => x.reduce((sum, v, i) => sum + v * w[i]!, b);

export function loss(model: Model): number {
  return (
    data.reduce((sum, { x, y }) => sum + Math.log1p(Math.exp(score(model, x))) - y * score(model, x), 0) / data.length
  );
}

export function gradient(model: Model): Model {
  const w = model.w.map(() => 0);
  let b = 0;
  for (const { x, y } of data) {
    const residual = (1 / (1 + Math.exp(-score(model, x))) - y) / data.length;
    x.forEach((v, i) => {
      w[i]! += residual * v;
    });
    b += residual;
  }
  return { w, b };
}
