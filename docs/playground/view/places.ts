/** Where a neuron is drawn. Column 0 holds the two inputs. */
export interface Place {
  readonly column: number;
  readonly row: number;
  readonly x: number;
  readonly y: number;
}

/** Sizes of the drawing, in its own units. */
export const spacing = { column: 118, row: 58, radius: 17, margin: 40 } as const;

/** The drawing of a network whose layers, the inputs among them, have these sizes: width, height, and the place of each neuron by column. */
export function placesOf(sizes: readonly number[]): {
  readonly width: number;
  readonly height: number;
  readonly columns: readonly (readonly Place[])[];
} {
  const tallest = Math.max(...sizes, 3);
  const height = tallest * spacing.row + spacing.margin;
  const columns = sizes.map((size, column) =>
    Array.from({ length: size }, (_, row): Place => {
      const y = spacing.margin + (tallest * spacing.row) / 2 + (row - (size - 1) / 2) * spacing.row - spacing.row / 4;
      return { column, row, x: spacing.margin + column * spacing.column, y };
    }),
  );
  return { width: 2 * spacing.margin + (sizes.length - 1) * spacing.column, height, columns };
}
