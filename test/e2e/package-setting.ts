// The package as it is installed elsewhere: packed from a clean build of a copy of this tree, and installed into an empty folder with
// the versions of package-lock.json, which npm has in its cache since it installed them here.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Installed {
  /** The folder in which it was installed. */
  readonly folder: string;
  /** The package's own folder there. */
  readonly home: string;
  /** Paths in the tarball. */
  readonly files: readonly string[];
  remove(): void;
}

/** What a build or a package never needs. */
const left = /^(node_modules|dist|test|coverage|sim-results|\.git|\.ci|.*\.log)$/;

async function npm(folder: string, ...args: string[]): Promise<string> {
  const quiet = { npm_config_audit: 'false', npm_config_fund: 'false', npm_config_update_notifier: 'false' };
  const options = { cwd: folder, env: { ...process.env, ...quiet }, timeout: 180_000, maxBuffer: 1e8 };
  return (await promisify(execFile)('npm', args, options)).stdout;
}

export async function installPackage(): Promise<Installed> {
  const work = mkdtempSync(join(tmpdir(), 'surgegate-package-'));
  try {
    const source = join(work, 'source');
    cpSync(root, source, { recursive: true, filter: (from) => !left.test(relative(root, from)) });
    symlinkSync(join(root, 'node_modules'), join(source, 'node_modules'));
    const packed = await npm(source, 'pack', '--json', '--pack-destination', work);
    const [{ filename, files }] = JSON.parse(packed.slice(packed.search(/^\[/m)));
    const folder = join(work, 'elsewhere');
    mkdirSync(folder);
    writeManifests(folder, `file:../${filename}`);
    await npm(folder, 'ci', '--prefer-offline');
    return {
      folder,
      home: join(folder, 'node_modules/surgegate'),
      files: files.map((one: { path: string }) => one.path).sort(),
      remove: () => rmSync(work, { recursive: true, force: true }),
    };
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    const { stderr = '' } = error as { stderr?: string };
    throw new Error(`the package cannot be made or installed: ${stderr || String(error)}`);
  }
}

/** What `npm install TARBALL` would write, with our own versions of everything that it depends on. */
function writeManifests(folder: string, tarball: string): void {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const dependencies = { surgegate: tarball };
  const { version, dependencies: needed, bin, engines } = packages[''];
  const locked: Record<string, unknown> = {
    '': { dependencies },
    'node_modules/surgegate': { version, resolved: tarball, dependencies: needed, bin, engines },
  };
  for (const [path, entry] of Object.entries<{ dev?: true }>(packages)) {
    if (path !== '' && !entry.dev) locked[path] = entry;
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
  writeFileSync(
    join(folder, 'package-lock.json'),
    JSON.stringify({ lockfileVersion: 3, requires: true, packages: locked }),
  );
}
