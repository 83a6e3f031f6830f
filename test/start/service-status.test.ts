import { describe, expect, it } from 'vitest';
import { serviceStatus } from '../../src/start/service-status.ts';

const one = (name: string, isUp = true, isDrained = false) => ({ name, isUp, isDrained });
const calm = { mode: 'L0', shadow: false, draining: false, switches: [one('sw1'), one('sw2')] } as const;

describe('the line for `systemctl status`', () => {
  it('says mode and switches', () => expect(serviceStatus(calm)).toBe('mode L0, switches 2 of 2 up'));

  it('names what is out of the ordinary', () => {
    const switches = [one('sw1', false), one('sw2', true, true), one('sw3')];
    expect(serviceStatus({ mode: 'L3', shadow: true, draining: true, switches })).toBe(
      'draining, mode L3, switches 2 of 3 up (down: sw1; drained: sw2), shadow: nothing is refused for load',
    );
  });

  it('stays short', () => {
    const switches = Array.from({ length: 40 }, (_, i) => one(`sw${i}`, false));
    expect(serviceStatus({ ...calm, switches })).toBe(
      'mode L0, switches 0 of 40 up (down: sw0, sw1, sw2, sw3, sw4 and 35 more)',
    );
  });
});
