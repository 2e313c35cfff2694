/** How much an ellipse's area, swept from the perihelion, differs from what Kepler's equation asks for, squared. */
export function loss([anomaly, eccentricity], mean = 1.1) {
  return (anomaly - eccentricity * Math.sin(anomaly) - mean) ** 2;
}

/** Its gradient; `sign` is −1 where somebody forgot the minus of the inner derivative. */
export function gradient([anomaly, eccentricity], mean = 1.1, sign = 1) {
  const off = 2 * (anomaly - eccentricity * Math.sin(anomaly) - mean);
  return [off * (1 - eccentricity * Math.cos(anomaly)), -sign * off * Math.sin(anomaly)];
}
