import { describe, expect, it } from 'vitest';
import { untestedVersion } from '../../../src/core/agent/tested-version.ts';

const tested = { from: '0.169.0', below: '0.171.0' };

describe('the version of an agent', () => {
  it.each(['0.169.0', '0.169.12', '0.170.3', '0.170.0-beta.1'])('%s is one that was tested', (version) => {
    expect(untestedVersion(version, tested)).toBeUndefined();
  });

  it.each([
    ['0.168.9', 'older'],
    ['0.99.0', 'older'],
    ['0.171.0', 'newer'],
    ['1.0.0', 'newer'],
    ['0.1000.0', 'newer'],
  ])('%s is %s, and what was tested is said', (version, age) => {
    const said = untestedVersion(version, tested);
    expect(said).toContain(`${version} is ${age}`);
    expect(said).toContain('0.169.0');
    expect(said).toContain('0.171.0');
  });
});
