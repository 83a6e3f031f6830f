// The demo as a program: node dist/lab/demo/demo.js [--seconds 50] [--peak 4000] [--base 100] [--json]
import { parseArgs } from 'node:util';
import { isProgram } from '../example-process.ts';
import { demoOptions } from './plan.ts';
import { runDemo } from './run-demo.ts';

if (isProgram(import.meta.url)) {
  try {
    const { values } = parseArgs({
      options: {
        seconds: { type: 'string' },
        peak: { type: 'string' },
        base: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
    process.exitCode = await runDemo(demoOptions(values));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
