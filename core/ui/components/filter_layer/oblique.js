// Blocks of planes in an oblique drawing: planes stand upright, one behind the other, seen from the left.

/** @typedef {{width: number, height: number, depth: number}} Size */
/** @typedef {ReturnType<typeof layOut>} Layout */

export const ACROSS = 0.8; // of a plane's width is left when it is turned
export const RISE = -0.26; // how far its right edge stands above its left one, for each pixel of its width

/** A block of `depth` planes of `width` x `height` CSS pixels, `gap` apart, whose first plane's lower left corner is `foot`. */
export class Block {
  /** @param {Size & {foot: number[], gap: number}} block */
  constructor({ foot: [x, y], width, height, depth, gap }) {
    this.x = x;
    this.y = y;
    this.width = width;
    this.height = height;
    this.depth = depth;
    this.gap = gap;
  }

  get right() {
    return this.x + ACROSS * this.width + (this.depth - 1) * this.gap;
  }

  get middle() {
    return (this.x + this.right) / 2;
  }

  get top() {
    return this.y - this.height + RISE * this.width;
  }

  /**
   * Return where the upper left corner of plane k stands, lifted by so many pixels.
   * @param {number} k
   */
  corner(k, lift = 0) {
    return [this.x + k * this.gap, this.y - this.height - lift];
  }

  /**
   * Return the CSS transform that stands plane k in its place.
   * @param {number} k
   */
  transform(k, lift = 0) {
    const [x, y] = this.corner(k, lift);
    return `matrix(${ACROSS}, ${RISE}, 0, 1, ${x}, ${y})`;
  }
}

const PITCH = 0.2; // between the planes of a color picture, as a share of its width
const LIFT = 0.18; // of a plane's height, by which the one under the pointer is lifted out
const NUMBERED = 24; // CSS pixels that are seen of a plane at least, for its number to be in sight
const OPEN = 0.5; // of a plane's width on the screen is seen of each plane behind the first, where there is room

/**
 * Return sizes for a width of `room`: blocks in one scale, input to the left, filters in between, output to the right.
 * @param {number} room
 * @param {{input: Size, output: Size, count: number, small: boolean, low: boolean}} what
 */
export function layOut(room, { input, output, count, small, low }) {
  const columns = count > 8 ? 4 : count > (small ? 3 : 5) ? 2 : 1;
  const rows = Math.ceil(count / columns);
  const thumb = Math.min(small ? (count > 8 ? 17 : 30) : 46, Math.floor((small ? 150 : 236) / rows) - 6);
  const filters = columns * (thumb + 6) - 6;
  const least = {
    gap: output.depth < 2 ? 0 : Math.min(small ? 18 : 30, (0.36 * room) / (output.depth - 1)),
    between: small ? 14 : 50,
  };
  const spread = (input.depth - 1) * PITCH + ACROSS; // the input block's width, in widths of its planes
  const left = room - filters - 2 * least.between - (output.depth - 1) * least.gap - 8;
  const scale = Math.min(
    left / (spread * input.width + ACROSS * output.width),
    (small ? 130 : 260) / Math.max(input.width, output.width),
    (small ? 110 : low ? 170 : 210) / Math.max(input.height, output.height),
  );
  const size = (/** @type {Size} */ block) => ({
    width: block.width * scale,
    height: block.height * scale,
    depth: block.depth,
  });
  const [before, after] = [size(input), size(output)];
  const free = left + (output.depth - 1) * least.gap - spread * before.width - ACROSS * after.width;
  const gap = output.depth < 2 ? 0 : Math.min(OPEN * ACROSS * after.width, free / (output.depth - 1));
  const between = least.between + Math.min(small ? 6 : 50, (free - gap * (output.depth - 1)) / 2);
  const lift = LIFT * after.height;
  const column = rows * (thumb + 6) - 6;
  const reach = Math.max(before.height - RISE * before.width, after.height + lift - RISE * after.width, column);
  const foot = Math.ceil(reach) + 6;
  const first = new Block({ ...before, foot: [4, foot], gap: PITCH * before.width });
  const start = first.right + between;
  const last = new Block({ ...after, foot: [start + filters + between, foot], gap });
  const top = Math.min(foot - (first.y - first.top + column) / 2, foot - column); // at the picture's middle, or on the floor
  const places = Array.from({ length: count }, (_, k) => [
    start + (k % columns) * (thumb + 6),
    top + Math.floor(k / columns) * (thumb + 6),
  ]);
  return {
    first,
    last,
    places,
    thumb,
    lift,
    scale,
    height: foot + 44,
    numbered: columns === 1 && gap >= NUMBERED, // otherwise there is no room for it
    filters: { left: start, middle: start + filters / 2 },
  };
}
