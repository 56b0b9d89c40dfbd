// Packs the approved frames into one picture, and says where each of them is in the "JSON hash" form that TexturePacker
// writes and game engines read.
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
// By path: the file that the package's name leads to is no ES module, whatever its package.json says.
import { MaxRectsPacker } from 'maxrects-packer/dist/maxrects-packer.mjs';
import { PNG } from 'pngjs';
import { approvedFrames, exportPlace } from './lib/approved.mjs';
import { emptyImage, seenPart, writeImage } from './lib/image.mjs';
import { optionsOf, wholeNumber } from './lib/options.mjs';

/** Pixels between frames, and around them: neighbours would shine through where a picture is scaled. */
const GAP = 2;

try {
  const options = optionsOf(['size']);
  const size = wholeNumber(options.size, 'atlas_size', 256);
  const place = exportPlace(process.env);
  const frames = approvedFrames(process.env);
  if (frames.length === 0) throw new Error('no frame was approved, there is nothing to pack');
  const bin = packed(frames, size);
  const atlas = emptyImage(bin.width, bin.height);
  for (const { x, y, width, height, image, part } of bin.rects) {
    PNG.bitblt(image, atlas, part.x, part.y, width, height, x, y);
  }
  writeImage(place.picture, atlas);
  writeFileSync(place.sheet, `${JSON.stringify(sheetOf(bin, basename(place.picture)), null, 2)}\n`);
  console.log(`${frames.length} frames in ${bin.width}x${bin.height}`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

/** Transparent borders are left away. Throws where the frames need more than one picture of this size. */
function packed(frames, size) {
  const packer = new MaxRectsPacker(size, size, GAP, { smart: true, pot: true, square: false, border: GAP });
  packer.addArray(
    frames.map(({ name, image }) => {
      const part = seenPart(image);
      return { width: part.w, height: part.h, name, image, part };
    }),
  );
  const [bin, ...others] = packer.bins;
  if (others.length > 0 || bin.rects.some(({ oversized }) => oversized)) {
    throw new Error(`${frames.length} frames do not fit into one atlas of ${size}x${size}`);
  }
  return bin;
}

function sheetOf(bin, image) {
  const entries = bin.rects.map(({ name, x, y, width, height, image: source, part }) => [
    name,
    {
      frame: { x, y, w: width, h: height },
      rotated: false,
      trimmed: width !== source.width || height !== source.height,
      spriteSourceSize: part,
      sourceSize: { w: source.width, h: source.height },
    },
  ]);
  // The packer has its own order, by size.
  entries.sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    frames: Object.fromEntries(entries),
    meta: {
      app: 'sprite-atlas example',
      version: '1.0',
      image,
      format: 'RGBA8888',
      size: { w: bin.width, h: bin.height },
      scale: '1',
    },
  };
}
