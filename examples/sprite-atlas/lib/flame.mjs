import { emptyImage } from './image.mjs';

export const WIDTH = 48;
export const HEIGHT = 64;

/**
 * One frame of a flame that burns in a loop of `count` frames. The same order gives the same pixels.
 * `plumpness` is the share of its usual width.
 */
export function drawFlame({ frame, count, palette, width = WIDTH, plumpness = 1 }) {
  const image = emptyImage(width, HEIGHT);
  const phase = (2 * Math.PI * (frame - 1)) / count;
  for (let y = 0; y < HEIGHT; y += 1) {
    // Zero at the foot, one at the tip.
    const height = (HEIGHT - 4 - y) / (HEIGHT - 8 + 4 * Math.sin(phase));
    if (height < 0 || height > 1) continue;
    const sway = 0.22 * height * Math.sin(phase + 4 * height);
    const half = 1.5 * plumpness * Math.sqrt(height + 0.05) * (1 - height) ** 1.1;
    for (let x = 0; x < width; x += 1) {
      const across = (2 * (x + 0.5)) / width - 1 - sway;
      const heat = 1 - Math.abs(across) / half - 0.2 * flicker(frame, x, y);
      if (heat <= 0) continue;
      const colour = palette[Math.min(palette.length - 1, Math.floor(heat * (1.5 - 0.7 * height) * palette.length))];
      image.data.set([...colour, 255], (y * width + x) * 4);
    }
  }
  return image;
}

/** A number from 0 to 1 that looks like chance, and is the same for the same place. */
function flicker(frame, x, y) {
  let hash = Math.imul(frame + 1, 0x9e3779b1) ^ Math.imul((x >> 1) + 1, 0x85ebca6b) ^ Math.imul((y >> 1) + 1, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
