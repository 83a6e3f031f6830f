// A program that stands for virsh: a script that reads commands from its input as virsh does, and does with each what a test says.
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { createHostTree } from '../host/host-tree.ts';

/**
 * `commands`: lines of a shell script's `case`, by the first word of a command: `hang) sleep 100;;`. `before`: done when it starts.
 * Returns the path of the program; it is removed when the test is over.
 */
export function createFakeVirsh(commands: string, before = ''): string {
  const tree = createHostTree({
    '/virsh': `#!/bin/sh
${before}
while IFS= read -r line; do
  printf 'virsh # %s\\n' "$line"
  case "$line" in
    'echo --xml <'*) mark=\${line#*<}; printf '&lt;%s&gt;' "\${mark%>}";;
    'echo --err --xml <'*) mark=\${line#*<}; printf 'error: &lt;%s&gt;\\n' "\${mark%>}" >&2;;
    *) set -- $line; case "$1" in
      ${commands}
      *) printf "error: unknown command: '%s'\\n" "$1" >&2;;
    esac;;
  esac
done
`,
  });
  const program = join(tree.root, 'virsh');
  chmodSync(program, 0o755);
  return program;
}
