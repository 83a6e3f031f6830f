import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { groupsOf, ruleOf } from '../../src/classify/plan.ts';
import { loadDialplan } from '../../src/dialplan/load.ts';
import { treatUri } from '../../src/dialplan/treat.ts';
import { classified, defaultPlan, south } from '../classify/sample.ts';

// number → rule, class, answer
const table: [string, string, string, number?][] = [
  // what somebody who tries the demo dials: never refused
  ['service', 'otherwise', 'new-call'],
  ['bob', 'otherwise', 'new-call'],
  ['alice.smith', 'otherwise', 'new-call'],
  ['1', 'otherwise', 'new-call'],
  ['100', 'otherwise', 'new-call'],
  ['1001', 'otherwise', 'new-call'],
  ['2000', 'otherwise', 'new-call'],
  ['0', 'otherwise', 'new-call'],
  ['*98', 'otherwise', 'new-call'],
  ['*272', 'otherwise', 'new-call'],
  ['5551212', 'otherwise', 'new-call'],
  ['0000000001', 'otherwise', 'new-call'],
  ['1234567890', 'otherwise', 'new-call'],
  ['5550001234', 'otherwise', 'new-call'],
  ['15551234567', 'fictional number', 'new-call'],
  ['+15551234567', 'fictional number', 'new-call'],
  ['12345678901', 'North America', 'new-call'],
  ['4155551212', 'North America', 'new-call'],
  ['+12125551212', 'North America', 'new-call'],
  ['18005551212', 'toll-free', 'new-call'],
  ['18015551212', 'North America', 'new-call'],
  ['+18885551212', 'toll-free', 'new-call'],
  ['411', 'service code', 'new-call'],
  ['711', 'service code', 'new-call'],
  ['988', 'crisis line', 'new-call'],
  ['933', 'emergency address test', 'new-call'],
  ['01144207946000', 'international', 'new-call'],
  ['+442079460000', 'international', 'new-call'],
  ['+8613800138000', 'international', 'new-call'],
  ['441632960000', 'otherwise', 'new-call'],
  // emergency and priority
  ['911', 'emergency number', 'emergency'],
  ['9911', 'emergency number', 'emergency'],
  ['+911', 'emergency number', 'emergency'],
  ['+1911', 'emergency number', 'emergency'],
  ['112', 'emergency number', 'emergency'],
  ['7106274387', 'GETS', 'priority'],
  ['17106274387', 'GETS', 'priority'],
  ['+17106274387', 'GETS', 'priority'],
  ['+1-710-627-4387', 'GETS', 'priority'],
  ['7102345678', 'government area code 710', 'priority'],
  ['+17102345678', 'government area code 710', 'priority'],
  ['*2722125551212', 'WPS', 'priority'],
  ['*27212125551212', 'WPS', 'priority'],
  ['*272+12125551212', 'WPS', 'priority'],
  ['%2A2722125551212', 'WPS', 'priority'],
  ['19005551212', 'premium rate', 'non-essential'],
  // codes that cannot exist
  ['10125551212', 'vacant area code', 'new-call', 404],
  ['11234567890', 'vacant area code', 'new-call', 404],
  ['+11234567890', 'vacant area code', 'new-call', 404],
  ['19115551212', 'vacant area code', 'new-call', 404],
  ['+12975551212', 'vacant area code', 'new-call', 404],
  ['12120551212', 'vacant office code', 'new-call', 404],
  ['+12121551212', 'vacant office code', 'new-call', 404],
  ['17101234567', 'vacant office code', 'new-call', 404],
  ['+1', 'incomplete number', 'new-call', 484],
  ['+1212555121', 'incomplete number', 'new-call', 484],
  ['+121255512123', 'too many digits', 'new-call', 404],
  ['+1555123456', 'incomplete number', 'new-call', 484],
];

describe('dialplans/default.yaml', () => {
  it.each(table)('%s: %s, %s %s', (number, rule, expected, status) => {
    for (const uri of [`sip:${number}@127.0.0.1:5060`, `sips:${number};npdi@example.com;user=phone`]) {
      const out = classified({ uri });
      expect([ruleOf(defaultPlan, out.route).name, out.class, out.refuse?.status]).toEqual([rule, expected, status]);
    }
  });

  it('refuses nothing that is short or a name', () => {
    for (let n = 0; n < 100_000; n += 7) {
      expect(classified({ uri: `sip:${n}@h` }).refuse, String(n)).toBeUndefined();
    }
  });

  it('takes the WPS prefix off', () => {
    const uri = 'sip:*2722125551212@example.com;user=phone';
    const out = classified({ uri });
    expect(treatUri(ruleOf(defaultPlan, out.route), uri)).toBe('sip:2125551212@example.com;user=phone');
  });

  it('needs only the group default', () => {
    expect(groupsOf(defaultPlan)).toEqual(['default']);
  });
});

describe('every shipped plan', () => {
  it.each(readdirSync('dialplans').filter((file) => file.endsWith('.yaml')))('%s loads', (file) => {
    expect(loadDialplan(`dialplans/${file}`)).toHaveProperty('plan');
  });

  it('e164.yaml knows the European numbers', () => {
    const loaded = loadDialplan('dialplans/e164.yaml');
    if ('faults' in loaded) throw new Error(loaded.faults.join('\n'));
    const context = { ...south, plan: loaded.plan };
    const of = (number: string) => classified({ uri: `sip:${number}@h` }, context);
    expect(of('112').class).toBe('emergency');
    expect(of('+492119449').class).toBe('new-call');
    expect(of('0049301234').class).toBe('new-call');
    expect(of('+012345').refuse?.status).toBe(404);
    expect(of('bob').refuse).toBeUndefined();
    const uri = 'sip:00442079460000@h';
    expect(treatUri(ruleOf(loaded.plan, of('00442079460000').route), uri)).toBe('sip:+442079460000@h');
  });
});
