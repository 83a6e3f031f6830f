// One virsh that stays connected, told what to do over its standard input. Starting one for each command would cost more than the
// command, and libvirt's test driver forgets everything with its connection.
//
// After each command stand two marks, one for each of its outputs, so that it is known where they end. A virsh that does not answer in
// time, answers too much or ends is killed with all that it has started; the next command starts another.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { oneLine } from './all-or-nothing.ts';

export interface VirshOptions {
  readonly uri: string;
  /** Default: virsh, as PATH has it. */
  readonly program?: string;
  /** For one command, ms; default: 5000. */
  readonly timeoutMs?: number;
  /** Of one command, both outputs; default: 256 KiB. */
  readonly mostOutputBytes?: number;
}

export interface VirshSession {
  /**
   * Resolves with what the command wrote, together with echoes of the input, so read it by what stands in it, not by lines. Rejects
   * with one line where it reports an error. Commands are done one after the other. Words must be of `safeWord`.
   */
  run(words: readonly string[]): Promise<string>;
  /** How often a virsh was started. */
  starts(): number;
  close(): Promise<void>;
}

/** No blanks, quotes, semicolons or line ends: what is one word to virsh whatever it is. */
const safeWord = /^[A-Za-z0-9_.,:=+@/-]+$/;

interface Running {
  readonly child: ChildProcess;
  out: string;
  err: string;
  /** Called with each output, and with a reason when it has ended. */
  onChange: (ended?: string) => void;
}

export function createVirshSession(options: VirshOptions): VirshSession {
  const { uri, program = 'virsh', timeoutMs = 5000, mostOutputBytes = 262_144 } = options;
  /** So that nothing that a machine's description may hold is taken for a mark. */
  const token = randomUUID().slice(0, 8);
  let running: Running | undefined;
  let starts = 0;
  let commands = 0;
  let queue: Promise<unknown> = Promise.resolve();

  const start = (): Running => {
    starts++;
    // A group of its own, so that what it starts (ssh) can be ended with it.
    const child = spawn(program, ['-q', '-c', uri], {
      stdio: 'pipe',
      detached: true,
      env: { ...process.env, LC_ALL: 'C', TERM: 'dumb', VIRSH_HISTSIZE: '0' },
    });
    const session: Running = { child, out: '', err: '', onChange: () => {} };
    let ended = false;
    const end = (reason: string): void => {
      if (ended) return;
      ended = true;
      if (running === session) running = undefined;
      session.onChange(reason);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      session.out += text;
      session.onChange();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      session.err += text;
      session.onChange();
    });
    child.stdin.on('error', () => {}); // It has ended: `close` says so.
    child.on('error', (error) => end(`cannot be started: ${oneLine(error)}`));
    child.on('close', (code, signal) => end(`ended (${signal ?? `exit ${code}`}): ${errorOf(session.err) ?? ''}`));
    // It ends with us, when its input does: it keeps nobody alive.
    child.unref();
    for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as unknown as { unref(): void }).unref();
    return session;
  };

  const command = (words: readonly string[]): Promise<string> => {
    const session = running ?? start();
    running = session;
    commands++;
    const name = `end-${token}-${commands}`;
    const mark = `<${name}>`;
    // As virsh writes it; what it echoes of its input has it as it was given.
    const written = `&lt;${name}&gt;`;
    session.out = '';
    session.err = '';
    return new Promise<string>((resolve, reject) => {
      const finish = (reason?: string): void => {
        clearTimeout(timer);
        session.onChange = () => {};
        if (reason === undefined) resolve(session.out.slice(0, session.out.indexOf(written)));
        else reject(new Error(`virsh ${words[0]}: ${reason}`));
      };
      const kill = (reason: string): void => {
        finish(reason);
        end(session);
      };
      const timer = setTimeout(() => kill(`no answer within ${timeoutMs} ms`), timeoutMs);
      session.onChange = (ended) => {
        if (ended !== undefined) return finish(ended);
        if (session.out.length + session.err.length > mostOutputBytes) return kill('answers without end');
        const errorsEnd = session.err.indexOf(written);
        if (errorsEnd < 0 || !session.out.includes(written)) return;
        finish(errorOf(session.err.slice(0, session.err.lastIndexOf('\n', errorsEnd) + 1)));
      };
      session.child.stdin?.write(`${words.join(' ')}\necho --xml ${mark}\necho --err --xml ${mark}\n`);
    });
  };

  const end = (session: Running): void => {
    if (running === session) running = undefined;
    const { pid } = session.child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  };

  return {
    run(words) {
      const unsafe = words.find((word) => !safeWord.test(word));
      if (unsafe !== undefined) return Promise.reject(new Error(`virsh: "${unsafe}" is no word for it`));
      const answer = queue.then(() => command(words));
      queue = answer.catch(() => {});
      return answer;
    },
    starts: () => starts,
    async close() {
      await queue;
      if (running !== undefined) end(running);
    },
  };
}

/** The first error among what virsh wrote to its standard error; undefined if there is none. */
function errorOf(text: string): string | undefined {
  const line = /^error: *(.+)$/m.exec(text)?.[1];
  return line === undefined ? undefined : oneLine(line);
}
