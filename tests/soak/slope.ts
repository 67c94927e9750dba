/** Fits a line through points by least squares and gives its slope, in units of y for one of x. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanX = meanOf(points.map(([x]) => x));
  const meanY = meanOf(points.map(([, y]) => y));
  let covariance = 0;
  let variance = 0;
  for (const [x, y] of points) {
    covariance += (x - meanX) * (y - meanY);
    variance += (x - meanX) ** 2;
  }
  return covariance / variance;
}

/**
 * Gives the lowest point of each stretch of `width`: memory rises and falls with garbage collection, by more than a
 * leak adds in an hour, but what is leaked raises the floor.
 */
export function floorOf(
  points: readonly (readonly [x: number, y: number])[],
  width: number,
): (readonly [x: number, y: number])[] {
  const lowest = new Map<number, readonly [x: number, y: number]>();
  for (const point of points) {
    const stretch = Math.floor(point[0] / width);
    const known = lowest.get(stretch);
    if (known === undefined || point[1] < known[1]) lowest.set(stretch, point);
  }
  return [...lowest.values()];
}
