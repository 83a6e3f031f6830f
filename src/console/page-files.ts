// The files of the page, in memory: those that the build has put into its folder and no others. A path is looked up by name, so none
// leads out of it.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export interface PageFile {
  readonly body: Buffer;
  /** The same in gzip, a third as long. */
  readonly packed: Buffer;
  readonly type: string;
  /** RFC 9110 §8.8.3, strong; that of `packed` ends with `-gzip`. */
  readonly etag: string;
}

export interface PageFiles {
  readonly index: PageFile;
  /** By name: `main.js`. */
  readonly files: ReadonlyMap<string, PageFile>;
  /** Stands for the content of all files: what is asked for under it never changes. */
  readonly version: string;
}

/** The files of a folder; undefined where there is no page in it, because it was not built. */
export function readPage(folder: string): PageFiles | undefined {
  const files = new Map<string, PageFile>();
  for (const name of namesIn(folder)) {
    const type = types[extname(name)];
    if (type !== undefined) files.set(name, fileOf(readFileSync(join(folder, name)), type));
  }
  const index = files.get('index.html');
  if (index === undefined) return undefined;
  const version = digest(Buffer.from([...files].map(([name, { etag }]) => `${name} ${etag}`).join('\n')));
  const text = index.body.toString().replaceAll(/(["'])console\/(?=[\w.-]+\1)/g, `$1console/${version}/`);
  files.delete('index.html');
  return { index: fileOf(Buffer.from(text), index.type), files, version };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

const fileOf = (body: Buffer, type: string): PageFile => ({
  body,
  packed: gzipSync(body),
  type,
  etag: `"${digest(body)}"`,
});
const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);
