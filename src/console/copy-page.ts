// The last step of the build: puts what no compiler makes beside the page's compiled modules, the plotting library among it, so that
// the page needs nothing from elsewhere.
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const from = join(root, 'src/console/page');
const to = join(root, 'dist/console/page');
const library = dirname(createRequire(import.meta.url).resolve('uplot/package.json'));

mkdirSync(to, { recursive: true });
for (const name of readdirSync(from))
  if (/\.(html|css|svg)$/.test(name)) copyFileSync(join(from, name), join(to, name));
for (const name of ['uPlot.esm.js', 'uPlot.min.css']) copyFileSync(join(library, 'dist', name), join(to, name));
