import { describe, expect, it } from 'vitest';
import { groupsOf } from '../../src/classify/plan.ts';
import { loadDialplan, parseDialplan } from '../../src/dialplan/load.ts';

function faultsOf(text: string): string[] {
  const loaded = parseDialplan(text, 'plan.yaml');
  return 'faults' in loaded ? loaded.faults : [];
}

describe('a dial plan file', () => {
  it('may be as short as a name', () => {
    const loaded = parseDialplan('name: empty', 'plan.yaml');
    if ('faults' in loaded) throw new Error(loaded.faults.join());
    expect(groupsOf(loaded.plan)).toEqual(['default']);
    expect(loaded.plan.priorities.byRank).toHaveLength(463);
  });

  it('names its switch groups once each, those of refused numbers not', () => {
    const loaded = parseDialplan(
      `
name: groups
sos: { route: psap }
otherwise: { route: west }
rules:
  - { name: a, match: "1.", route: east }
  - { name: b, match: "2.", route: west }
  - { name: c, match: "3.", route: nowhere, refuse: { status: 404, reason: Vacant } }
`,
      'plan.yaml',
    );
    if ('faults' in loaded) throw new Error(loaded.faults.join());
    expect(groupsOf(loaded.plan)).toEqual(['east', 'west', 'psap']);
  });

  it('shares one table among interfaces with the same rules', () => {
    const loaded = parseDialplan('name: x\nrules: [{ name: a, match: "*1X", interfaces: [south] }]', 'plan.yaml');
    if ('faults' in loaded) throw new Error(loaded.faults.join());
    const { tables } = loaded.plan;
    expect(tables.east).toBe(tables.core);
    expect(tables.south).not.toBe(tables.east);
  });

  const rule = (keys: string) => `name: x\nrules:\n  - { name: a, match: "12X", ${keys} }`;

  it.each<[string, string, RegExp]>([
    ['no name', 'rules: []', /plan\.yaml: name: is missing; allowed: 1 to 80 characters/],
    ['an empty file', '', /name: is missing/],
    ['a list', '- 1', /is not allowed; allowed: a mapping of name, resourcePriority/],
    ['broken YAML', 'name: [', /\(line 1\)/],
    ['an unquoted *272', 'name: x\nrules: [{ name: a, match: *272 }]', /272/],
    ['an unknown key', 'name: x\nroutes: []', /routes: no such key \(line 2\)/],
    [
      'a bad pattern',
      'name: x\nrules:\n  - name: a\n    match: "1Q"',
      /rules\[0\]\.match: value "1Q" is not allowed; allowed: .*N \(2-9\).* \(line 4\)/,
    ],
    [
      'a bad pattern in a list',
      'name: x\nrules:\n  - name: a\n    match:\n      - "12"\n      - "1."\n      - "1.1"',
      /rules\[0\]\.match\[2\]: value "1\.1" is not allowed; .* \(line 7\)/,
    ],
    [
      'a number without quotes',
      'name: x\nrules:\n  - { name: a, match: 911 }',
      /rules\[0\]\.match: value 911 is not allowed; allowed: .*in quotes/,
    ],
    ['no match', 'name: x\nrules:\n  - { name: a }', /rules\[0\]\.match: is missing/],
    [
      'a class',
      rule('class: urgent'),
      /rules\[0\]\.class: value "urgent" is not allowed; allowed: emergency, priority, ordinary, non-essential \(line 3\)/,
    ],
    [
      'an interface',
      rule('interfaces: [up]'),
      /interfaces\[0\]: value "up" is not allowed; allowed: north, south, east, west, core/,
    ],
    [
      'a status',
      rule('refuse: { status: 302, reason: Moved }'),
      /refuse\.status: value 302 is not allowed; allowed: a whole number from 400 to 699/,
    ],
    [
      'a reason that breaks a line',
      rule('refuse: { status: 404, reason: "a\\r\\nVia: x" }'),
      /refuse\.reason: value "a\\r\\nVia: x" is not allowed/,
    ],
    [
      'an announcement that breaks a line',
      rule('announce: "sip:a@b\\r\\nVia: x"'),
      /announce: value .* is not allowed; allowed: a sip: or sips: URI/,
    ],
    [
      'a refused emergency',
      rule('class: emergency, refuse: { status: 404, reason: Vacant }'),
      /refuse: is not allowed for class emergency/,
    ],
    [
      'an announced priority',
      rule('class: priority, announce: "sip:a@b"'),
      /announce: is not allowed for class priority/,
    ],
    [
      'an r-value',
      rule('class: priority, insertResourcePriority: ets.7'),
      /insertResourcePriority: value "ets\.7" is not allowed; allowed: a value of esnet, ets/,
    ],
    [
      'an r-value for an ordinary call',
      rule('insertResourcePriority: ets.4'),
      /insertResourcePriority: value "ets\.4" is not allowed; allowed: one only with class emergency or priority/,
    ],
    [
      'an r-value outside the order',
      `${rule('class: priority, insertResourcePriority: dsn.flash')}\nresourcePriority: { order: [ets] }`,
      /value "dsn\.flash" is not allowed; allowed: a value of ets/,
    ],
    [
      'sos with an unknown value',
      'name: x\nsos: { insertResourcePriority: esnet.5 }',
      /sos\.insertResourcePriority: value "esnet\.5"/,
    ],
    [
      'an invalid order',
      'name: x\nresourcePriority: { order: [ets.1, ets.0, ets.2, ets.3, ets.4] }',
      /resourcePriority: ets\.1: above ets\.0, against the order of ets \(RFC 4412 §8\.3\) \(line 2\)/,
    ],
    ['strip too much', rule('treatment: { strip: 3 }'), /treatment\.strip: value 3 is not allowed; allowed: 0 to 2/],
    [
      'strip more than there is',
      rule('treatment: { strip: 4, prefix: "9" }'),
      /treatment\.strip: value 4 is not allowed; allowed: 0 to 3/,
    ],
    ['replace with nothing', rule('treatment: { replace: "" }'), /treatment\.replace: value "" is not allowed/],
    [
      'replace and strip',
      rule('treatment: { replace: "1", strip: 1 }'),
      /treatment\.replace: is not allowed together with strip or prefix/,
    ],
    [
      'a prefix',
      rule('treatment: { prefix: "abc" }'),
      /treatment\.prefix: value "abc" is not allowed; allowed: in quotes/,
    ],
    [
      'treatment of a refused number',
      rule('treatment: { strip: 1 }, refuse: { status: 404, reason: x }'),
      /treatment: is not allowed together with refuse or announce/,
    ],
    [
      'both answers',
      rule('announce: "sip:a@b", refuse: { status: 404, reason: x }'),
      /announce: is not allowed together with refuse/,
    ],
    [
      'twins',
      `${rule('class: priority')}\n  - { name: b, match: ["9", "1-2X"] }`,
      /rules\[1\]\.match\[1\]: "1-2X" is for the same numbers as a pattern of the rule "a" \(line 4\)/,
    ],
  ])('fault: %s', (_, text, fault) => {
    const faults = faultsOf(text);
    expect(faults.join('\n')).toMatch(fault);
    for (const line of faults) expect(line).toMatch(/^plan\.yaml: [^\n]+$/);
  });

  it('allows twins on different interfaces', () => {
    expect(
      faultsOf(
        'name: x\nrules: [{ name: a, match: "1", interfaces: [south] }, { name: b, match: "1", interfaces: [east] }]',
      ),
    ).toEqual([]);
  });

  it('reports every fault at once', () => {
    expect(
      faultsOf('name: x\nrules: [{ name: a, match: "1Q", class: y }, { name: "", match: "1", route: "-" }]'),
    ).toHaveLength(4);
  });

  it('says that a file is missing', () => {
    expect(loadDialplan('dialplans/none.yaml')).toEqual({
      faults: [expect.stringMatching(/^dialplans\/none\.yaml: cannot read/)],
    });
  });
});
