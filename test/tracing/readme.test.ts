// README's section on traces: its example loads, its command finds the trace of a call, and it names what the spans carry.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../src/config/load.ts';
import { PlacedCall } from '../edge/placed-call.ts';
import { packageFile } from '../edge/settings.ts';
import { tracedWorld } from './traced-world.ts';

const section = /## Traces\n([\s\S]*?)\n## /.exec(readFileSync(packageFile('README.md'), 'utf8'))![1]!;

it('the example is a configuration', () => {
  const yaml = /```yaml\n([\s\S]*?)```/.exec(section)![1]!;
  const loaded = parseConfig(yaml, packageFile('config/test.yaml'), { STATE_DIRECTORY: '/nowhere' });
  expect('config' in loaded && loaded.config.tracing).toMatchObject((parse(yaml) as { tracing: object }).tracing);
});

it('the command makes of a Call-ID what the span has', () => {
  const { world, span } = tracedWorld();
  const callId = /printf %s '([^']+)'/.exec(section)![1]!;
  new PlacedCall(world, world.flow('south', '198.51.100.7'), { callId }).answer(486);
  const command = /```sh\n([\s\S]*?)```/.exec(section)![1]!;
  const made = execFileSync('sh', ['-c', command], { encoding: 'utf8' }).trim();
  expect(span('INVITE').attributes['sip.call_id_hash']).toBe(made);
});

it('each attribute of a call is named', () => {
  const { world, spans } = tracedWorld();
  const call = new PlacedCall(world, world.flow('south', '198.51.100.7'));
  call.answer(200);
  const keys = spans().flatMap(({ attributes }) => Object.keys(attributes));
  const own = keys.filter((key) => !key.startsWith('network.') && key !== 'peer.service');
  const missing = own.filter(
    (key) => !section.includes(`\`${key}\``) && !section.includes(`\`.${key.split('.').at(-1)}\``),
  );
  expect(own.length).toBeGreaterThan(5);
  expect(missing).toEqual([]);
});
