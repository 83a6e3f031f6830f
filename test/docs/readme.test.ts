import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { withTables } from './readme-tables.ts';

it('README has the tables of the code: `npm run docs` writes them', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  expect(readme).toBe(withTables(readme));
});
