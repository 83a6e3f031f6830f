// The keys of a dial plan file, with ranges and defaults. What ties keys to each other is checked by `compile.ts`.
import * as z from 'zod';
import { ruleClasses } from '../classify/plan.ts';
import { list, name, oneOf, section, whole } from '../config/fields.ts';
import { maxPlaces, parsePattern, patternHelp } from './pattern.ts';

const interfaceNames = ['north', 'south', 'east', 'west', 'core'] as const;

function text(allowed: string, expression: RegExp) {
  const error = `allowed: ${allowed}`;
  return z.string({ error }).regex(expression, { error }).meta({ allowed });
}

function pattern() {
  const error = `allowed: in quotes, ${patternHelp}; at most ${maxPlaces} places`;
  return z
    .string({ error })
    .refine((value) => parsePattern(value) !== undefined, { error })
    .meta({ allowed: patternHelp });
}

const digits = () => text('in quotes, up to 40 of 0-9, *, # and a leading +', /^\+?[0-9*#]{0,40}$/);

const rValue = () => text('a namespace, a dot and a value of it, such as ets.4', /^[\w!%*+`'~-]+\.[\w!%*+`'~-]+$/);

const refuse = section({
  status: whole('SIP status', 400, 699).meta({ description: 'The final response' }),
  reason: text('1 to 80 printable ASCII characters', /^[\x20-\x7e]{1,80}$/).meta({ description: 'Its reason phrase' }),
});

const announce = text('a sip: or sips: URI', /^sips?:[\x21-\x7e]+$/i).meta({
  description: 'Request-URI that replaces the one called: an announcement at the switch group',
});

const rule = section({
  name: text('1 to 80 characters', /^.{1,80}$/).meta({ description: 'What the rule is for; shown in logs' }),
  match: z
    .union([pattern().transform((one) => [one]), list(pattern(), 1)], {
      error: `allowed: a pattern or a list of patterns: in quotes, ${patternHelp}; at most ${maxPlaces} places`,
    })
    .meta({ description: 'The numbers that the rule is for' }),
  interfaces: list(oneOf(interfaceNames), 1)
    .default([...interfaceNames])
    .meta({ description: 'Where the rule holds; everywhere unless given' }),
  class: oneOf(ruleClasses).default('ordinary').meta({ description: 'What a call to the number is' }),
  route: name().default('default').meta({ description: 'Switch group that gets the call' }),
  treatment: section({
    strip: whole('digits', 0, maxPlaces).default(0).meta({ description: 'Leading digits taken away' }),
    prefix: digits().default('').meta({ description: 'What is put in front then' }),
    replace: digits().optional().meta({ description: 'Instead of both: the whole new number' }),
  }).optional(),
  insertResourcePriority: rValue()
    .optional()
    .meta({ description: 'Resource-Priority value put into the request: here the edge is the authority' }),
  announce: announce.optional(),
  refuse: refuse.optional(),
});

export const dialplanSchema = section({
  name: text('1 to 80 characters', /^.{1,80}$/).meta({ description: 'Name of the plan; shown in logs' }),
  resourcePriority: section({
    order: list(text('a namespace, or a namespace, a dot and a value', /^\S+$/), 1)
      .optional()
      .meta({ description: 'Namespaces and values acted upon, the greatest first; unless given, all registered ones' }),
    ordinary: list(rValue())
      .optional()
      .meta({ description: 'Values that make a call no more than ordinary; unless given, the routine ones' }),
  }).prefault({}),
  sos: section({
    route: name().default('default'),
    insertResourcePriority: rValue().optional(),
  })
    .prefault({})
    .meta({ description: 'Calls to urn:service:sos and its sub-services (RFC 5031)' }),
  otherwise: section({
    route: name().default('default'),
    announce: announce.optional(),
    refuse: refuse.optional(),
  })
    .prefault({})
    .meta({ description: 'Names, and numbers that no rule matches' }),
  rules: list(rule).default([]),
});

export type DialplanFile = z.output<typeof dialplanSchema>;
export type RuleFile = DialplanFile['rules'][number];
