import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { knownBaseline } from '../../src/control/baseline.ts';
import { newInterfaceLoad } from '../../src/control/interface-loads.ts';
import { readNormals, writeNormals } from '../../src/start/saved-normals.ts';
import { rules } from '../control/control-rules.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'surgegate-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const read = () => {
  const warnings: string[] = [];
  return { saved: readNormals(directory, (text) => warnings.push(text)), warnings };
};
const south = (saved: unknown) => newInterfaceLoad(rules, (saved as Record<string, unknown> | undefined)?.south).calls;

it('what is normal outlives the process, and leaves no other file behind', () => {
  const state = { calls: knownBaseline(rules, 120), registrations: knownBaseline(rules, 40) };
  expect(writeNormals(directory, { south: state })).toBeUndefined();
  expect(readdirSync(directory)).toEqual(['normals.json']);
  const { saved, warnings } = read();
  expect([south(saved).normalPerSecond, south(saved).isKnown, warnings]).toEqual([120, true, []]);
});

it('without a file it is learned anew, and nothing is said', () => {
  const { saved, warnings } = read();
  expect([south(saved).isKnown, warnings]).toEqual([false, []]);
});

it.each(['', '{', '[]', '7', 'null', '{"south":5}', '{"south":{"calls":{"isKnown":true,"normalPerSecond":"x"}}}'])(
  'a file that holds %j does no harm',
  (text) => {
    writeFileSync(join(directory, 'normals.json'), text);
    const { saved, warnings } = read();
    expect(south(saved).isKnown).toBe(false);
    expect(warnings.length).toBe(text === '' || text === '{' ? 1 : 0);
  },
);

it('says why it cannot be kept', () => {
  writeFileSync(join(directory, 'file'), '');
  expect(writeNormals(join(directory, 'file'), {})).toMatch(/EEXIST|ENOTDIR/);
});
