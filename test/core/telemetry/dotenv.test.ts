import { expect, test } from 'vitest';
import { parseDotenv } from '../../../src/core/telemetry/dotenv.ts';

const parse = (text: string): Record<string, string> => Object.fromEntries(parseDotenv(text));

test('plain, quoted and exported assignments are read', () => {
  expect(parse('A=1\nexport B=two words\n  C = \'q # r\' # note\nD="x y"\nE=`z`')).toEqual({
    A: '1',
    B: 'two words',
    C: 'q # r',
    D: 'x y',
    E: 'z',
  });
});

test('a byte order mark and Windows line ends change nothing', () => {
  expect(parse('\uFEFFA=1\r\nB="2"\r\nC=\r\n')).toEqual({ A: '1', B: '2', C: '' });
});

test('comments and commented-out assignments set nothing', () => {
  expect(parse('# A=1\n  # B=2\n#C=3\nD= # nothing\nE=#\n')).toEqual({ D: '', E: '' });
});

test('a hash inside a word belongs to it, as in an address or a key', () => {
  expect(parse('URL=https://host/#part\nKEY=ab#cd # note')).toEqual({
    URL: 'https://host/#part',
    KEY: 'ab#cd',
  });
});

test('a line that is no assignment takes no other line with it', () => {
  expect(parse('A=1\n=\nnonsense\n"B"=2\nC=3')).toEqual({ A: '1', C: '3' });
});

test('an assignment inside a quoted value of several lines is not one', () => {
  expect(parse('A="one\nMURMUR8_TELEMETRY_URL=https://evil\n"\nB=2')).toEqual({
    A: 'one\nMURMUR8_TELEMETRY_URL=https://evil\n',
    B: '2',
  });
});

test('a quote that never closes ends with its line', () => {
  expect(parse('A="one\nB=2')).toEqual({ A: '"one', B: '2' });
});

test('escapes count in double quotes only', () => {
  expect(parse('A="x\\ny\\"z"\nB=\'x\\ny\'\nC=x\\ny')).toEqual({ A: 'x\ny"z', B: 'x\\ny', C: 'x\\ny' });
});

test('the last of two equal names wins', () => {
  expect(parse('A=1\nA=2')).toEqual({ A: '2' });
});
