import { describe, expect, it } from 'vitest';
import type { RequestClass } from '../../src/classify/class.ts';
import { ruleOf } from '../../src/classify/plan.ts';
import { methods } from '../../src/sip/method.ts';
import { classified, core, defaultPlan, east, planOf, type Sample, south } from './sample.ts';

const rank = (text: string): number => defaultPlan.priorities.byText.get(text)!.rank;
const rp = (value: string): Sample => ({ headers: [`Resource-Priority: ${value}`] });
const ordinary = 'sip:+12125551212@example.com';

describe('class by method', () => {
  it.each<[string, RequestClass, RequestClass]>([
    ['INVITE', 'new-call', 'in-dialog'],
    ['ACK', 'in-dialog', 'in-dialog'],
    ['CANCEL', 'in-dialog', 'in-dialog'],
    ['BYE', 'in-dialog', 'in-dialog'],
    ['PRACK', 'in-dialog', 'in-dialog'],
    ['UPDATE', 'in-dialog', 'in-dialog'],
    ['REGISTER', 'registration', 'registration'],
    ['OPTIONS', 'non-essential', 'in-dialog'],
    ['INFO', 'non-essential', 'in-dialog'],
    ['REFER', 'non-essential', 'in-dialog'],
    ['NOTIFY', 'non-essential', 'in-dialog'],
    ['SUBSCRIBE', 'non-essential', 'in-dialog'],
    ['MESSAGE', 'non-essential', 'in-dialog'],
    ['PUBLISH', 'non-essential', 'in-dialog'],
    ['FOO', 'non-essential', 'in-dialog'],
  ])('%s: %s, with a To tag %s', (method, outside, inside) => {
    for (const context of [south, east, core]) {
      expect(classified({ method }, context).class).toBe(outside);
      expect(classified({ method, toTag: true }, context).class).toBe(inside);
    }
    expect(classified({ method }).essential).toBe(outside !== 'non-essential');
  });

  it('knows every method', () => {
    for (const method of methods.filter((m) => m !== 'other')) {
      expect(classified({ method }).class, method).not.toBe('emergency');
    }
  });
});

describe('emergency', () => {
  it.each([
    'urn:service:sos',
    'URN:SERVICE:SOS',
    'urn:service:sos.fire',
    'urn:service:sos.animal-control',
    'urn:Service:sos.police.local',
    'sip:911@example.com',
    'sip:911;phone-context=+1@example.com;user=phone',
    'tel:911;phone-context=+1',
    'sips:112@example.com',
    'sip:9911@example.com',
  ])('INVITE %s from anyone', (uri) => {
    for (const context of [south, east, core]) {
      const out = classified({ uri }, context);
      expect([out.class, out.refuse, out.essential]).toEqual(['emergency', undefined, true]);
    }
  });

  it('whatever the pre-loaded Route says', () => {
    expect(classified({ uri: 'urn:service:sos', headers: ['Route: <sip:10.0.0.1;lr>'] }).class).toBe('emergency');
    expect(classified({ uri: ordinary, headers: ['Route: <sip:911@10.0.0.1;lr>'] }).class).toBe('new-call');
  });

  it('a MESSAGE too, but no OPTIONS, SUBSCRIBE or REGISTER', () => {
    const classOf = (method: string) => classified({ method, uri: 'sip:911@example.com' }).class;
    expect(classOf('MESSAGE')).toBe('emergency');
    expect(['OPTIONS', 'SUBSCRIBE', 'INFO', 'FOO'].map(classOf)).toEqual(Array(4).fill('non-essential'));
    expect(classOf('REGISTER')).toBe('registration');
  });

  it.each([
    'urn:service:sosx',
    'urn:service:so',
    'urn:service:test.sos',
    'urn:service:counseling.suicide',
    'urn:service:',
    'urn:services:sos',
    'sip:933@example.com',
    'sip:9110@example.com',
    'sip:911abc@example.com',
    'sip:sos@example.com',
  ])('not: %s', (uri) => {
    expect(classified({ uri }).class).toBe('new-call');
  });

  it('inside the dialog it is in-dialog like any other call', () => {
    expect(classified({ uri: 'sip:911@example.com', toTag: true }).class).toBe('in-dialog');
  });
});

describe('Resource-Priority by trust', () => {
  it.each<[string, RequestClass]>([
    ['esnet.0', 'emergency'],
    ['esnet.1', 'emergency'],
    ['ESNET.4', 'emergency'],
    ['ets.4', 'priority'],
    ['wps.0', 'priority'],
    ['dsn.flash-override', 'priority'],
    ['drsn.flash-override-override', 'priority'],
    ['q735.0', 'priority'],
    ['crts-000009.0', 'priority'],
    ['mcpttp.15', 'priority'],
    ['dsn.routine', 'new-call'],
    ['foo.1', 'new-call'],
    ['wps.2, foo.1, esnet.3', 'emergency'],
  ])('%s: %s when trusted, ordinary and stripped when not', (value, expected) => {
    for (const context of [east, { ...core, trustsPriority: false }]) {
      const trusted = classified({ uri: ordinary, ...rp(value) }, context);
      expect([trusted.class, trusted.stripResourcePriority]).toEqual([expected, false]);
    }
    const untrusted = classified({ uri: ordinary, ...rp(value) }, south);
    expect([untrusted.class, untrusted.stripResourcePriority, untrusted.priorityRank]).toEqual(['new-call', true, 0]);
  });

  it('every registered value of a trusted neighbour has its rank', () => {
    for (const value of defaultPlan.priorities.byRank) {
      const out = classified({ uri: ordinary, ...rp(value.text.toUpperCase()) }, east);
      expect([value.text, out.priorityRank]).toEqual([value.text, value.rank]);
      expect(out.class).toBe(value.kind === 'ordinary' ? 'new-call' : value.kind);
    }
  });

  it.each([
    ['REFER', 'priority'],
    ['MESSAGE', 'priority'],
    ['SUBSCRIBE', 'priority'],
    ['NOTIFY', 'priority'],
    ['OPTIONS', 'non-essential'],
    ['PUBLISH', 'non-essential'],
    ['REGISTER', 'registration'],
    ['BYE', 'in-dialog'],
  ])('RFC 4412 §4.2: %s is %s', (method, expected) => {
    expect(classified({ method, uri: ordinary, ...rp('ets.0') }, east).class).toBe(expected);
  });

  it('in a dialog the class stays, the rank is told, the untrusted value goes', () => {
    const trusted = classified({ toTag: true, ...rp('ets.0') }, east);
    expect([trusted.class, trusted.priorityRank, trusted.stripResourcePriority]).toEqual([
      'in-dialog',
      rank('ets.0'),
      false,
    ]);
    expect(classified({ toTag: true, ...rp('ets.0') }, south).stripResourcePriority).toBe(true);
    expect(classified({ method: 'ACK', ...rp('ets.0') }, south).stripResourcePriority).toBe(true);
  });
});

describe('Require: resource-priority (RFC 4412 §4.6.2)', () => {
  const required = (value: string, more: Sample = {}): Sample => ({
    uri: ordinary,
    ...more,
    headers: ['Require: 100rel, resource-priority', `Resource-Priority: ${value}`],
  });

  it.each([
    ['foo.1', true],
    ['foo.1, ets.9', true],
    ['foo.1, ets.1', false],
    ['ets.1', false],
  ])('%s: 417 is %s, trusted or not', (value, expected) => {
    expect(classified(required(value), south).unknownRequiredPriority).toBe(expected);
    expect(classified(required(value), east).unknownRequiredPriority).toBe(expected);
  });

  it('not without Require, not without a value, not from the switch', () => {
    expect(classified({ uri: ordinary, ...rp('foo.1') }).unknownRequiredPriority).toBe(false);
    expect(classified({ uri: ordinary, headers: ['Require: resource-priority'] }).unknownRequiredPriority).toBe(false);
    expect(classified(required('foo.1'), core).unknownRequiredPriority).toBe(false);
  });

  it('never in a dialog, never for a call for help', () => {
    expect(classified(required('foo.1', { toTag: true })).unknownRequiredPriority).toBe(false);
    expect(classified(required('foo.1', { method: 'ACK' })).unknownRequiredPriority).toBe(false);
    expect(classified(required('foo.1', { uri: 'urn:service:sos' })).unknownRequiredPriority).toBe(false);
  });
});

describe('the plan inserts, routes and refuses', () => {
  it('GETS gets ets where it has none', () => {
    const plain = classified({ uri: 'sip:17106274387@example.com' });
    expect([plain.class, plain.insertResourcePriority, plain.priorityRank]).toEqual([
      'priority',
      'ets.4',
      rank('ets.4'),
    ]);
    const forged = classified({ uri: 'sip:17106274387@example.com', ...rp('ets.0') });
    expect([forged.insertResourcePriority, forged.priorityRank, forged.stripResourcePriority]).toEqual([
      'ets.4',
      rank('ets.4'),
      true,
    ]);
    const marked = classified({ uri: 'sip:17106274387@example.com', ...rp('ets.0') }, east);
    expect([marked.insertResourcePriority, marked.priorityRank]).toEqual(['', rank('ets.0')]);
    const other = classified({ uri: 'sip:17106274387@example.com', ...rp('wps.0') }, east);
    expect([other.insertResourcePriority, other.priorityRank]).toEqual(['ets.4', rank('ets.4')]);
    const called = classified({ uri: 'sip:17106274387@example.com' }, core);
    expect([called.class, called.insertResourcePriority, called.route]).toEqual(['priority', '', -1]);
  });

  it('WPS holds on south only', () => {
    const dialled = classified({ uri: 'sip:*2722125551212@example.com' });
    expect([dialled.class, dialled.insertResourcePriority]).toEqual(['priority', 'wps.4']);
    expect(ruleOf(defaultPlan, dialled.route).name).toBe('WPS');
    expect(classified({ uri: 'sip:*2722125551212@example.com' }, east).class).toBe('new-call');
    expect(classified({ uri: 'sip:*2722125551212@example.com' }, { ...south, interfaceName: 'west' }).route).toBe(-1);
  });

  it('a vacant code is refused, but not for the switch, in a dialog, or inside an ESInet', () => {
    const vacant: Sample = { uri: 'sip:+10125551212@example.com' };
    expect(classified(vacant).refuse).toEqual({ status: 404, reason: 'Vacant Area Code' });
    expect(classified({ ...vacant, method: 'MESSAGE' }).refuse?.status).toBe(404);
    expect(classified(vacant, core).refuse).toBeUndefined();
    expect(classified({ ...vacant, toTag: true }).refuse).toBeUndefined();
    expect(classified({ ...vacant, method: 'REGISTER' }).refuse).toBeUndefined();
    expect(classified({ ...vacant, ...rp('esnet.2') }, east).refuse).toBeUndefined();
    expect(classified({ ...vacant, ...rp('ets.0') }, east).refuse?.status).toBe(404);
  });

  it('a non-essential number is refused first', () => {
    const out = classified({ uri: 'sip:19005551212@example.com' });
    expect([out.class, out.essential]).toEqual(['non-essential', false]);
  });

  it('follows a plan of its own', () => {
    const plan = planOf(`
name: test
sos: { route: psap, insertResourcePriority: esnet.1 }
otherwise: { refuse: { status: 604, reason: "Does Not Exist Anywhere" } }
rules:
  - { name: help, match: "110", class: emergency, route: psap, insertResourcePriority: ESNET.2, interfaces: [south] }
  - { name: lab, match: "7.", route: lab }
`);
    const own = { ...south, plan };
    const sos = classified({ uri: 'urn:service:sos' }, own);
    expect([sos.class, sos.insertResourcePriority, ruleOf(plan, sos.route).route]).toEqual([
      'emergency',
      'esnet.1',
      'psap',
    ]);
    expect(classified({ uri: 'sip:110@h' }, own).insertResourcePriority).toBe('esnet.2');
    expect(classified({ uri: 'sip:110@h' }, { ...own, interfaceName: 'west' }).refuse?.status).toBe(604);
    expect(ruleOf(plan, classified({ uri: 'sip:7123@h' }, own).route).route).toBe('lab');
    const name = classified({ uri: 'sip:bob@h' }, own);
    expect([name.class, name.refuse?.status, name.route]).toEqual(['new-call', 604, -1]);
    expect(classified({ uri: 'sip:bob@h' }, { ...core, plan }).refuse).toBeUndefined();
  });
});
