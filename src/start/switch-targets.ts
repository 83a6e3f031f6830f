// Where the switches are reached: addresses as configured, names looked up again every minute (RFC 3263), and the embedded
// test switch, which listens where the kernel lets it.
import { isIP } from 'node:net';
import { parseTarget } from '../config/addresses.ts';
import type { Config } from '../config/schema.ts';
import { resolve } from '../edge/names.ts';
import type { SwitchTarget } from '../edge/switches.ts';
import { startTestSwitch, type TestSwitch } from '../lab/test-switch.ts';
import type { Log } from '../log.ts';

export interface SwitchTargets {
  targetOf(name: string): SwitchTarget | undefined;
  /** Starts what a configuration needs, and looks its names up; `onChange` is called when one has a new address. */
  follow(config: Config): Promise<void>;
  close(): Promise<void>;
}

const lookUpEveryMs = 60_000;

export function createSwitchTargets(log: Log, onChange: () => void): SwitchTargets {
  const targets = new Map<string, SwitchTarget>();
  const embedded = new Map<string, TestSwitch>();
  let timer: NodeJS.Timeout | undefined;

  const lookUp = async (config: Config) => {
    let isChanged = false;
    for (const one of config.switches) {
      if (one.address === undefined || isIP(one.address.host) !== 0) continue;
      try {
        const { address } = await resolve(one.address.host, one.address.port, one.address.transport);
        if (targets.get(one.name)?.address !== address) isChanged = true;
        targets.set(one.name, { transport: one.address.transport, address, port: one.address.port });
      } catch (error) {
        log.limited(
          `resolve ${one.name}`,
          'warn',
          'the name of a switch cannot be resolved; its last address stays in use',
          { switch: one.name, host: one.address.host, err: error },
        );
      }
    }
    if (isChanged) onChange();
  };

  return {
    targetOf: (name) => targets.get(name),
    async follow(config) {
      for (const one of config.switches) {
        if (one.embedded && !embedded.has(one.name)) {
          const lab = await startTestSwitch({
            listen: ['udp:127.0.0.1:0'],
            ...(one.capacityPerSecond === undefined ? {} : { capacityPerSecond: one.capacityPerSecond }),
          });
          embedded.set(one.name, lab);
          const bound = parseTarget(lab.addresses[0]!)!;
          targets.set(one.name, { transport: bound.transport, address: bound.host, port: bound.port });
        } else if (one.address !== undefined && isIP(one.address.host) !== 0) {
          targets.set(one.name, {
            transport: one.address.transport,
            address: one.address.host,
            port: one.address.port,
          });
        }
      }
      clearInterval(timer);
      await lookUp(config);
      timer = setInterval(() => void lookUp(config), lookUpEveryMs);
      timer.unref();
    },
    async close() {
      clearInterval(timer);
      for (const lab of embedded.values()) await lab.close();
    },
  };
}
