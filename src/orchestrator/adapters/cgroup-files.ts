// Reads and writes the files of control groups, and says in words what went wrong. Below a root that a test may replace.
import { constants } from 'node:fs';
import { mkdir, open, readFile, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface CgroupFiles {
  /** Rejects with one line; paths are absolute. */
  read(path: string): Promise<string>;
  /** One write, since each write is an order to the kernel. Never makes a file. */
  write(path: string, text: string): Promise<void>;
  isFolder(path: string): Promise<boolean>;
  /** With all above it; the first that was not there before, undefined if all were. */
  makeFolder(path: string): Promise<string | undefined>;
  /** An empty group. */
  removeFolder(path: string): Promise<void>;
}

/** A failed access to a file; `code` as the system has it. */
export class FileError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'FileError';
    this.code = code;
  }
}

export const isMissing = (error: unknown): boolean =>
  // ENODEV: the group was removed while the file was open.
  error instanceof FileError && (error.code === 'ENOENT' || error.code === 'ENODEV');

export function createCgroupFiles(root = '/'): CgroupFiles {
  const at = (path: string): string => join(root, path);
  return {
    read: (path) => said(path, () => readFile(at(path), 'utf8')),
    write: (path, text) =>
      said(path, async () => {
        const file = await open(at(path), constants.O_WRONLY | constants.O_TRUNC);
        try {
          await file.write(text);
        } finally {
          await file.close();
        }
      }),
    isFolder: (path) =>
      stat(at(path)).then(
        (found) => found.isDirectory(),
        () => false,
      ),
    async makeFolder(path) {
      const first = await said(path, () => mkdir(at(path), { recursive: true }));
      return first?.slice(at('/').length - 1);
    },
    removeFolder: (path) => said(path, () => rmdir(at(path))),
  };
}

async function said<T>(path: string, access: () => Promise<T>): Promise<T> {
  try {
    return await access();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'EIO';
    throw new FileError(code, `${path}: ${reasonOf(code)}`);
  }
}

function reasonOf(code: string): string {
  switch (code) {
    case 'ENOENT':
    case 'ENODEV':
      return 'is not there';
    case 'EACCES':
    case 'EPERM':
      return `permission denied (${code})`;
    case 'EROFS':
      return 'is mounted read-only (EROFS)';
    case 'EINVAL':
      return 'the kernel refuses the value (EINVAL)';
    case 'EBUSY':
      return 'in use (EBUSY)';
    default:
      return code;
  }
}
