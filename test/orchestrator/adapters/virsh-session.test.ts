// One virsh over its standard input: what is answered, and every way in which it is not.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createVirshSession, type VirshSession } from '../../../src/orchestrator/adapters/virsh-session.ts';
import { waitFor } from '../../peers/wait.ts';
import { createHostTree } from '../host/host-tree.ts';
import { createFakeVirsh } from './fake-virsh.ts';

function open(commands: string, before = '', timeoutMs = 5000): VirshSession {
  const session = createVirshSession({ uri: 'test:///default', program: createFakeVirsh(commands, before), timeoutMs });
  onTestFinished(() => session.close());
  return session;
}

const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    // A zombie is gone; init collects it when it likes.
    return /^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
};

describe('a session', () => {
  it('answers one command after the other, from one process', async () => {
    const session = open('say) shift; printf "%s\\n" "$*";;');
    const answers = await Promise.all(['one', 'two', 'three'].map((word) => session.run(['say', word, 'more'])));
    expect(answers.map((answer) => answer.trimEnd().split('\n').at(-2))).toEqual([
      'one more',
      'two more',
      'three more',
    ]);
    expect(session.starts()).toBe(1);
  });

  it('tells an error, in one line, and goes on', async () => {
    const session = open(
      `fail) printf 'error: Failed to do it\\nerror: invalid argument: no\\n' >&2;; ok) echo fine;;`,
    );
    await expect(session.run(['fail', 'web'])).rejects.toThrow(/^virsh fail: Failed to do it$/);
    expect(await session.run(['ok'])).toContain('fine');
    expect(session.starts()).toBe(1);
  });

  it('a warning is no error', async () => {
    const session = open(`ok) echo 'warning: old' >&2; echo fine;;`);
    expect(await session.run(['ok'])).toContain('fine');
  });

  it('one that hangs is killed with all that it has started, and the next command starts another', async () => {
    const tree = createHostTree();
    const pidFile = join(tree.root, 'pid');
    const session = open(`hang) sleep 100 & echo $! > ${pidFile}; wait;; ok) echo fine;;`, '', 300);
    await expect(session.run(['hang'])).rejects.toThrow('virsh hang: no answer within 300 ms');
    const pid = Number(readFileSync(pidFile, 'utf8'));
    await waitFor('what it had started to be gone', () => isGone(pid));
    expect(await session.run(['ok'])).toContain('fine');
    expect(session.starts()).toBe(2);
  });

  it('one that answers without end is killed', async () => {
    const session = open('flood) yes;; ok) echo fine;;');
    await expect(session.run(['flood'])).rejects.toThrow('virsh flood: answers without end');
    expect(await session.run(['ok'])).toContain('fine');
  });

  it('one that ends says so, with its last words', async () => {
    const session = open(`die) echo 'error: the daemon is gone' >&2; exit 3;; ok) echo fine;;`);
    await expect(session.run(['die'])).rejects.toThrow('virsh die: ended (exit 3): the daemon is gone');
    expect(await session.run(['ok'])).toContain('fine');
  });

  it('one that cannot connect ends before it is told anything', async () => {
    const session = open('', `echo 'error: failed to connect to the hypervisor' >&2; exit 1`);
    await expect(session.run(['ok'])).rejects.toThrow('virsh ok: ended (exit 1): failed to connect to the hypervisor');
  });

  it('one that is not there', async () => {
    const session = createVirshSession({ uri: 'test:///default', program: '/nowhere/virsh' });
    await expect(session.run(['ok'])).rejects.toThrow(/^virsh ok: cannot be started: .*ENOENT/);
  });

  it('garbage, with marks of other commands in it, is only garbage', async () => {
    const session = open(`junk) printf '\\000\\377&lt;end9&gt; <end1> error: no\\n';; ok) echo fine;;`);
    expect(await session.run(['junk'])).toContain('error: no');
    expect(await session.run(['ok'])).toContain('fine');
  });

  it.each(['a b', 'a;b', "a'b", 'a\nb', 'a"b', 'a\\b', '$a', '', 'ä', '<a>'])('%j is no word for it', async (word) => {
    const session = open('');
    await expect(session.run(['domstats', word])).rejects.toThrow('is no word for it');
    expect(session.starts()).toBe(0);
  });
});
