import { readFileSync, writeFileSync } from 'node:fs';
import { PNG } from 'pngjs';

export function emptyImage(width, height) {
  return new PNG({ width, height, fill: true });
}

/** Throws for a file that is no PNG. */
export function readImage(file) {
  return PNG.sync.read(readFileSync(file));
}

export function writeImage(file, image) {
  writeFileSync(file, PNG.sync.write(image));
}

/** Red, green, blue and alpha, 0 to 255. */
export function pixel(image, x, y) {
  const at = (y * image.width + x) * 4;
  return image.data.subarray(at, at + 4);
}

/** The smallest rectangle that holds every pixel that can be seen; one pixel where there is none. */
export function seenPart(image) {
  let [left, top, right, bottom] = [image.width, image.height, -1, -1];
  for (let y = 0; y < image.height; y += 1) {
    for (let x = 0; x < image.width; x += 1) {
      if (pixel(image, x, y)[3] === 0) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  return right < 0
    ? { x: 0, y: 0, w: 1, h: 1 }
    : { x: left, y: top, w: right - left + 1, h: bottom - top + 1 };
}
