// The callee of the benchmark: the test switch in a process of its own.
import { startTestSwitch } from '../../src/lab/test-switch.ts';

const { addresses } = await startTestSwitch({ listen: ['udp:127.0.0.1:0'], ringMs: 5, answerMs: 5 });
process.stdout.write(`${JSON.stringify({ addresses })}\n`);
