// Somebody's own code: the energy of a chain of springs, and the forces on its points.

const rest = 1;

exports.energy = (x) => {
  let sum = 0;
  for (let i = 1; i < x.length; i++) sum += (x[i] - x[i - 1] - rest) ** 2 / 2;
  return sum;
};

exports.gradient = (x) => {
  const g = x.map(() => 0);
  for (let i = 1; i < x.length; i++) {
    const stretch = x[i] - x[i - 1] - rest;
    g[i] += stretch;
    g[i - 1] -= stretch;
  }
  return g;
};
