/** Where something is drawn. Column 0 holds the two inputs; behind the output stand the loss and the target. */
export interface Place {
  readonly column: number;
  readonly row: number;
  readonly x: number;
  readonly y: number;
}

/** Sizes of the drawing, in its own units. */
export const spacing = { column: 124, row: 50, half: 17, left: 34, right: 70, top: 30 } as const;

/** The drawing of a network whose layers, the inputs among them, have these sizes: width, height, and the places by column; the last column is the loss and the target. */
export function placesOf(sizes: readonly number[]): {
  readonly width: number;
  readonly height: number;
  readonly columns: readonly (readonly Place[])[];
} {
  const tallest = Math.max(...sizes, 3);
  const middle = spacing.top + (tallest * spacing.row) / 2;
  const columns = [...sizes, 2].map((size, column) =>
    Array.from({ length: size }, (_, row): Place => {
      // The loss stands beside the output, the target below it.
      const offset = column === sizes.length ? row * 1.2 : row - (size - 1) / 2;
      return { column, row, x: spacing.left + column * spacing.column, y: middle + offset * spacing.row };
    }),
  );
  const width = spacing.left + sizes.length * spacing.column + spacing.right;
  return { width, height: spacing.top + tallest * spacing.row + 14, columns };
}
