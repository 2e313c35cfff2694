// Where the names of dots in a picture have room: beside, above or below them.

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A dot, in pixels from the left and from the top, and how wide its name is. */
export interface Named extends Point {
  readonly width: number;
}

interface Options {
  /** Of a dot. */
  readonly radius: number;
  /** Of a name. */
  readonly height: number;
  /** Points that names are not to lie on. */
  readonly avoided: readonly Point[];
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const gap = 3;

/** The sides of a dot, the best first: how far right and down of its middle. */
const sides = [[1, 0], [-1, 0], [0, -1], [0, 1], [1, -1], [1, 1], [-1, -1], [-1, 1]] as const; // biome-ignore format: pairs

/** A place for each name, as ECharts takes it, where it touches no dot and no name before it; if there is none, where it touches least. */
export function placesOf(dots: readonly Named[], { radius, height, avoided }: Options) {
  const names: Box[] = [];
  const points = avoided.map(({ x, y }) => boxAround(x, y, 4, 4));
  const circles = dots.map(({ x, y }) => boxAround(x, y, 2 * radius, 2 * radius));
  return dots.map(({ x, y, width }) => {
    const choices = sides.map(([right, down]) => {
      const box = boxAround(
        x + right * (radius + gap + width / 2),
        y + down * (radius + gap + height / 2),
        width,
        height,
      );
      return { right, down, box, touched: [...points, ...circles, ...names].reduce((sum, other) => sum + shared(box, other), 0) }; // biome-ignore format: one thought
    });
    const { right, down, box } = choices.reduce((least, each) => (each.touched < least.touched ? each : least));
    names.push(box);
    return {
      position: [`${50 + 50 * right}%`, `${50 + 50 * down}%`],
      offset: [gap * right, gap * down],
      align: (["right", "center", "left"] as const)[right + 1]!,
      verticalAlign: (["bottom", "middle", "top"] as const)[down + 1]!,
    };
  });
}

function boxAround(x: number, y: number, width: number, height: number): Box {
  return { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 };
}

/** How many square pixels two boxes share. */
function shared(a: Box, b: Box): number {
  const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return Math.max(across, 0) * Math.max(down, 0);
}
