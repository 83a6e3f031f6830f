// What STYLE asks of the tree and a compiler cannot see: pure folders stay pure, arrows go one way, files stay short,
// nothing is left undone.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Imports no `node:*` and no package, calls no clock, timer or random source: `nowMs` and `random` are arguments. */
const pureFolders = [
  ...['sip', 'transaction', 'classify', 'admission', 'scan', 'control'],
  ...['orchestrator/allocation', 'orchestrator/mass-event', 'orchestrator/shedding'],
];
const pureFiles = [
  'dialplan/compile',
  'dialplan/compile-table',
  'dialplan/pattern',
  'dialplan/treat',
  'monitor/heavy-hitters',
  'monitor/space-saving',
  'monitor/proc-net',
  'monitor/switch-tally',
  'congestion/amounts',
  'congestion/allowed-use',
  'congestion/back-off',
  'congestion/client-state',
  'congestion/pull-state',
];

/**
 * What a folder may import besides itself. `types`: only by `import type`. A folder without a row may not exist, so
 * that whoever adds one thinks about its arrows first. `.` are the files directly in src/ other than main and cli.
 */
const arrows: Record<string, { values: readonly string[]; types?: readonly string[] }> = {
  sip: { values: [] },
  transaction: { values: ['sip'] },
  classify: { values: ['sip'], types: ['transport'] },
  admission: { values: ['sip', 'classify'], types: ['transport', 'control'] },
  scan: { values: ['sip', 'classify', 'admission'], types: ['control'] },
  control: { values: ['classify', 'admission'], types: ['transport', 'congestion'] },
  monitor: { values: ['classify', 'admission', 'control', '.'], types: ['transport'] },
  dialplan: { values: ['sip', 'classify', 'config'], types: ['transport'] },
  // Address blocks are told apart by the same pure function where they are checked and where they are applied.
  config: { values: ['admission', 'congestion'], types: ['transport', 'orchestrator'] },
  transport: { values: ['sip', '.'], types: ['config'] },
  forward: { values: ['sip', 'transaction', 'transport', '.'], types: ['config', 'classify', 'dialplan'] },
  metrics: { values: ['sip', 'classify', 'admission', 'control', 'congestion'], types: ['transport'] },
  // Copies of the signalling for a HOMER collector.
  hep: { values: ['sip', 'admission', 'transport'], types: ['classify'] },
  // What our HTTP listeners have in common: problem documents, bearer tokens.
  http: { values: [] },
  admin: { values: ['http', 'metrics', 'congestion', 'control', 'admission', '.'], types: ['config'] },
  // The page itself, page/, runs in a browser: of all this it has the types alone.
  console: { values: ['http', 'admin', 'metrics', 'control'], types: ['admission', 'congestion'] },
  congestion: { values: ['control', 'http'] },
  // Of transport only the reading of PEM files.
  orchestrator: { values: ['congestion', 'control', 'config', 'http', 'metrics', 'transport', '.'] },
  // Of the orchestrator only the adapters: the demo makes control groups, and removes them.
  lab: { values: ['sip', 'congestion', 'orchestrator', '.'], types: ['transport'] },
  probe: { values: ['sip', 'transaction', 'config', 'metrics', 'http'] },
  // Requests from another SIP stack, put through the same pipeline.
  engine: {
    values: [
      ...['sip', 'classify', 'admission', 'forward', 'metrics', 'monitor', 'control', 'edge', 'config', 'dialplan'],
      '.',
    ],
    types: ['transport', 'transaction'],
  },
  edge: {
    values: [
      ...['sip', 'transaction', 'classify', 'admission', 'scan', 'dialplan', 'transport', 'forward', 'metrics'],
      ...['monitor', 'control', '.'],
    ],
    types: ['config'],
  },
  // Spans of admitted calls; loaded only where tracing is on.
  tracing: { values: ['sip', 'forward'], types: ['edge', 'admission', 'transport', 'config', 'metrics'] },
  // What main.ts needs to start with, each for itself.
  start: {
    values: [
      ...[
        'admission',
        'config',
        'dialplan',
        'classify',
        'transport',
        'edge',
        'metrics',
        'lab',
        'monitor',
        'control',
        'engine',
        'hep',
        'transaction',
        'congestion',
        'console',
        '.',
      ],
    ],
    types: ['admin'],
  },
  // The pipeline inside an application on drachtio-srf.
  middleware: {
    values: [
      ...['admission', 'classify', 'config', 'control', 'edge', 'engine', 'forward', 'metrics', 'sip', 'start', '.'],
    ],
    types: ['transport'],
  },
  '.': { values: [] },
};
/** May import everything: it builds what the others are handed. */
const compositionRoots = ['main.ts', 'cli.ts'];

const longest = 300;

interface Import {
  readonly from: string;
  readonly typeOnly: boolean;
}

function filesUnder(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name).split(sep).join('/'))
    .sort();
}

const text = (file: string): string => readFileSync(join(root, file), 'utf8');
const importLine = /^(?:(?:import|export)\s+(type\s)?[\w*\s{},$]+?\sfrom\s+|import\s+)['"]([^'"]+)['"]/gm;

/** Static imports and re-exports; `import { type A, type B }` counts as types only. */
function importsOf(file: string): Import[] {
  return [...text(file).matchAll(importLine)].map((match) => {
    const names = /\{([^}]*)\}/.exec(match[0])?.[1];
    const listed = names?.split(',').filter((name) => name.trim() !== '') ?? [];
    const allTypes = listed.length > 0 && listed.every((name) => name.trim().startsWith('type '));
    return { from: match[2]!, typeOnly: match[1] !== undefined || allTypes };
  });
}

/** `src/edge/run.ts` → `edge`; `src/log.ts` → `.`. */
function folderOf(file: string): string {
  const parts = file.split('/');
  return parts.length > 2 ? parts[1]! : '.';
}

const sourceFiles = filesUnder('src');
const testFiles = filesUnder('test');
const isPure = (file: string): boolean =>
  pureFolders.some((folder) => file.startsWith(`src/${folder}/`)) ||
  pureFiles.some((name) => file === `src/${name}.ts`);

/** The file without comments, for words that mean something else in prose. Strings are kept: an import is one. */
const code = (file: string): string =>
  text(file)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '$1');

/** A relative import as a path from the root. */
const resolved = (file: string, from: string): string =>
  normalize(join(dirname(file), from))
    .split(sep)
    .join('/');

function forbiddenArrow(file: string, { from, typeOnly }: Import): boolean {
  if (!from.startsWith('.')) return false;
  const own = folderOf(file);
  const target = folderOf(resolved(file, from));
  if (target === own) return false;
  const row = arrows[own];
  if (row === undefined) return true;
  return !(row.values.includes(target) || (typeOnly && (row.types ?? []).includes(target)));
}

describe('the tree', () => {
  it('is what this test reads', () => expect(sourceFiles.length).toBeGreaterThan(5));

  it('every folder of src has its row of allowed arrows', () => {
    const folders = [...new Set(sourceFiles.map(folderOf))];
    expect(folders.filter((folder) => arrows[folder] === undefined)).toEqual([]);
  });

  it('the arrows themselves go one way', () => {
    const reaches = (from: string, seen: string[]): string[] => {
      if (seen.includes(from)) return [...seen, from];
      for (const next of arrows[from]?.values ?? []) {
        const cycle = reaches(next, [...seen, from]);
        if (cycle.length > 0) return cycle;
      }
      return [];
    };
    for (const folder of Object.keys(arrows)) expect(reaches(folder, []), folder).toEqual([]);
  });

  it('imports follow the arrows', () => {
    const bad = sourceFiles
      .filter((file) => !compositionRoots.includes(relative('src', file)))
      .flatMap((file) =>
        importsOf(file)
          .filter((one) => forbiddenArrow(file, one))
          .map(({ from, typeOnly }) => `${file} → ${from}${typeOnly ? ' (types)' : ''}`),
      );
    expect(bad).toEqual([]);
  });

  it('src imports nothing of test', () => {
    expect(sourceFiles.filter((file) => importsOf(file).some(({ from }) => /(^|\/)test\//.test(from)))).toEqual([]);
  });

  it('pure files import no node module and no package', () => {
    const bad = sourceFiles.filter(isPure).flatMap((file) =>
      importsOf(file)
        .filter(({ from }) => !from.startsWith('.'))
        .map(({ from }) => `${file} → ${from}`),
    );
    expect(bad).toEqual([]);
  });

  it('pure files import only pure files, or types', () => {
    const bad = sourceFiles.filter(isPure).flatMap((file) =>
      importsOf(file)
        .filter(({ from, typeOnly }) => !typeOnly && from.startsWith('.') && !isPure(resolved(file, from)))
        .map(({ from }) => `${file} → ${from}`),
    );
    expect(bad).toEqual([]);
  });

  it('pure files call no clock, timer or random source', () => {
    const impure =
      /\b(Date\.now|new Date\b|Math\.random|performance\.now|process\.|setTimeout|setInterval|setImmediate|queueMicrotask|crypto\.|Buffer\.|import\()/;
    const bad = sourceFiles
      .filter(isPure)
      .flatMap((file) => (impure.test(code(file)) ? [`${file}: ${impure.exec(code(file))?.[0]}`] : []));
    expect(bad).toEqual([]);
  });

  it(`no file passes ${longest} lines`, () => {
    const long = [...sourceFiles, ...testFiles]
      .map((file) => ({ file, lines: text(file).split('\n').length - 1 }))
      .filter(({ lines }) => lines > longest);
    expect(long).toEqual([]);
  });

  it('there is no barrel', () => {
    const barrels = sourceFiles.filter(
      (file) =>
        file.endsWith('/index.ts') || /^export \*/m.test(text(file)) || /^export \{[^}]*\} from/m.test(text(file)),
    );
    expect(barrels).toEqual([]);
  });

  it('every source file opens with a comment that says what it does', () => {
    expect(sourceFiles.filter((file) => !/^(#!.*\n)?(\/\/|\/\*)/.test(text(file)))).toEqual([]);
  });

  it('nothing extends a class, other than an Error', () => {
    const bad = sourceFiles.filter((file) => /\bclass \w+(<[^>]*>)? extends (?!\w*Error\b)/.test(code(file)));
    expect(bad).toEqual([]);
  });

  it('nothing is left undone, and no test is focused or skipped without a reason', () => {
    const self = 'test/structure.test.ts';
    const bad = [...sourceFiles, ...testFiles].flatMap((file) => {
      if (file === self) return [];
      return text(file)
        .split('\n')
        .flatMap((line, i) => {
          const undone = /\b(TODO|FIXME|HACK)\b/.test(line);
          const focused = /\b(it|test|describe|labTest)(\.\w+)*\.only\b/.test(line);
          // A skip says why on its line or the one above.
          const above = text(file).split('\n')[i - 1] ?? '';
          const skipped = /\b(it|test|describe|labTest)\.(skip|todo)\(/.test(line) && !/\/\//.test(line + above);
          return undone || focused || skipped ? [`${file}:${i + 1}: ${line.trim()}`] : [];
        });
    });
    expect(bad).toEqual([]);
  });
});
