// A page as the build leaves it, with files beside it that are none of its own; gone when the test is over.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export const index =
  '<link rel="stylesheet" href="console/style.css"><script type="module" src="console/main.js"></script>';

export function pageFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'surgegate-page-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const page = join(folder, 'page');
  mkdirSync(page);
  const files = {
    'index.html': index,
    'main.js': 'let a;',
    'style.css': 'a {}',
    'main.d.ts': 'no',
    '.tsbuildinfo': 'no',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(page, name), text);
  writeFileSync(join(folder, 'secret.js'), 'never told');
  return page;
}
