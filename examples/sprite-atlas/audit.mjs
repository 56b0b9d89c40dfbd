// Checks one frame against the style of the character. Approved frames are copied to where the packer takes them from.
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { HEIGHT, WIDTH } from './lib/flame.mjs';
import { hold } from './lib/hold.mjs';
import { pixel, readImage } from './lib/image.mjs';
import { optionsOf } from './lib/options.mjs';
import { answer, orderIn, placesIn } from './lib/order.mjs';
import { distance, referencePalette } from './lib/palette.mjs';

/** Share of the frame that the flame covers. */
const COVERAGE = { least: 0.2, most: 0.5 };
/** Mean distance of the colours to the palette's. */
const MOST_DRIFT = 12;

const env = process.env;
const REJECTED = 1;
/** From 126 on murmur8 takes the audit for failed, and makes it again: nothing is known about the frame. */
const NOT_AUDITED = 126;

try {
  const options = optionsOf(['hold']);
  const order = orderIn(env);
  const { drawn, approved } = placesIn(env);
  await hold(options.hold, 'hold_audit', order);
  const file = join(drawn, `${order.item}.png`);
  const findings = findingsOn(readImage(file));
  const result = join(approved, `${order.item}.png`);
  if (findings.length === 0) copyFileSync(file, result);
  else rmSync(result, { force: true });
  answer(env, { verdict: findings.length === 0 ? 'approved' : 'rejected', findings });
  for (const finding of findings) console.log(finding);
  process.exitCode = findings.length === 0 ? 0 : REJECTED;
} catch (error) {
  console.error(error.message);
  process.exitCode = NOT_AUDITED;
}

function findingsOn(image) {
  const findings = [];
  if (image.width !== WIDTH || image.height !== HEIGHT) {
    findings.push(`size: ${image.width}x${image.height}, ${WIDTH}x${HEIGHT} wanted`);
  }
  const { coverage, drift } = measured(image);
  if (coverage < COVERAGE.least || coverage > COVERAGE.most) {
    findings.push(
      `alpha: ${percent(coverage)} of the frame are covered, ${percent(COVERAGE.least)} to ${percent(COVERAGE.most)} wanted`,
    );
  }
  if (drift > MOST_DRIFT) {
    findings.push(`palette: the colours are ${drift.toFixed(1)} away from the reference, at most ${MOST_DRIFT.toFixed(1)} wanted`);
  }
  return findings;
}

function measured(image) {
  const palette = referencePalette();
  let covered = 0;
  let sum = 0;
  for (let y = 0; y < image.height; y += 1) {
    for (let x = 0; x < image.width; x += 1) {
      const colour = pixel(image, x, y);
      if (colour[3] === 0) continue;
      covered += 1;
      sum += distance(colour, palette);
    }
  }
  return { coverage: covered / (image.width * image.height), drift: covered === 0 ? 0 : sum / covered };
}

function percent(share) {
  return `${(share * 100).toFixed(1)} %`;
}
