// Reads the atlas as a game would, puts every frame together again, and compares it with what was approved.
import { readFileSync } from 'node:fs';
import { approvedFrames, exportPlace } from './lib/approved.mjs';
import { pixel, readImage } from './lib/image.mjs';

try {
  const place = exportPlace(process.env);
  const sheet = JSON.parse(readFileSync(place.sheet, 'utf8'));
  const findings = findingsOn(sheet, readImage(place.picture), approvedFrames(process.env));
  for (const finding of findings) console.error(finding);
  if (findings.length === 0) console.log(`${Object.keys(sheet.frames).length} frames are as they were approved`);
  process.exitCode = findings.length === 0 ? 0 : 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function findingsOn(sheet, atlas, approved) {
  const { w, h } = sheet.meta.size;
  if (w !== atlas.width || h !== atlas.height) return [`the picture is ${atlas.width}x${atlas.height}, not ${w}x${h}`];
  const names = new Set(approved.map(({ name }) => name));
  const findings = Object.keys(sheet.frames)
    .filter((name) => !names.has(name))
    .map((name) => `${name} was not approved`);
  for (const { name, image } of approved) {
    const entry = sheet.frames[name];
    if (entry === undefined) findings.push(`${name} is not in the atlas`);
    else if (!isSame(image, atlas, entry)) findings.push(`${name} is not as it was approved`);
  }
  return findings;
}

/** What lies outside of the part that was packed has to be transparent. */
function isSame(image, atlas, { frame, spriteSourceSize: part, sourceSize }) {
  if (image.width !== sourceSize.w || image.height !== sourceSize.h) return false;
  if (frame.x + frame.w > atlas.width || frame.y + frame.h > atlas.height) return false;
  for (let y = 0; y < image.height; y += 1) {
    for (let x = 0; x < image.width; x += 1) {
      const wanted = pixel(image, x, y);
      const [inX, inY] = [x - part.x, y - part.y];
      const isPacked = inX >= 0 && inY >= 0 && inX < frame.w && inY < frame.h;
      const found = isPacked ? pixel(atlas, frame.x + inX, frame.y + inY) : [0, 0, 0, 0];
      if (wanted.some((part, index) => part !== found[index])) return false;
    }
  }
  return true;
}
