// What an operator can order from the page: which questions are asked first, and what is sent.
import type { RunningMode } from '../../control/throttle.ts';
import { type Answer, ask, type Fault } from './api.ts';
import { askFirst, type Field, minutesField, type Question, reasonField, secondsOf, type Values } from './dialog.ts';
import { modes, modeTitle, orderedText } from './words.ts';

/** Called after each order that the edge took. */
let onOrdered = (): void => {};

export function afterOrders(act: () => void): void {
  onOrdered = act;
}

const order = (values: Values): { seconds: number; reason: string } => ({
  seconds: secondsOf(values),
  reason: values.reason ?? '',
});

async function send(answer: Promise<Answer<unknown>>): Promise<Fault | undefined> {
  const got = await answer;
  if ('fault' in got) return got.fault;
  onOrdered();
  return undefined;
}

const noTime = 'Say for how long, up to a day.';
const endsBySelf = 'It ends by itself; a restart of the edge ends it too.';

const gapFields = (digits: string): readonly Field[] => [
  {
    name: 'digits',
    label: 'Number, or its first digits',
    hint: '1 to 15 digits.',
    value: digits,
    attributes: { inputmode: 'tel', pattern: '\\+?[\\d\\-. \\(\\)]{1,24}', autocomplete: 'off', maxlength: '24' },
  },
  {
    name: 'much',
    label: 'Lets pass',
    choices: [
      { value: '1', text: 'one call a second' },
      { value: '2', text: 'one call every 2 s' },
      { value: '5', text: 'one call every 5 s' },
      { value: '10', text: 'one call every 10 s' },
      { value: '60', text: 'one call a minute' },
      { value: '50%', text: 'half of the calls' },
      { value: '10%', text: 'one call in ten' },
      { value: 'stop', text: 'no call' },
    ],
  },
  minutesField(),
  reasonField,
];

const muchWords = (much = ''): string =>
  much === 'stop'
    ? 'no ordinary call passes'
    : much.endsWith('%')
      ? `${much.replace('%', ' %')} of ordinary calls pass`
      : `at most one ordinary call every ${much} s passes`;

function gapBody(values: Values): object {
  const { digits, much = '' } = values;
  const limit = much.endsWith('%')
    ? { passRatio: Number(much.slice(0, -1)) / 100 }
    : { intervalSeconds: much === 'stop' ? much : Number(much) };
  return { digits, ...limit, ...order(values) };
}

export function placeGap(digits = ''): void {
  askFirst({
    title: 'Place a gap',
    fields: gapFields(digits),
    consequence: ({ digits: on, much }, until) =>
      until === ''
        ? noTime
        : `Of calls to ${on || 'the number'}, ${muchWords(much)} until ${until}; all others to it are refused on every interface. ` +
          `Priority and emergency calls are not gapped. ${endsBySelf}`,
    submit: 'Place the gap',
    isGrave: true,
    send: (values) => send(ask('POST', 'v1/gaps', gapBody(values))),
    done: ({ digits: on }, until) => `The gap on ${on} is in force until ${until}.`,
    returnTo: 'numbers-title',
  });
}

export const liftGap = (digits: string): void =>
  lift(
    `Lift the gap on ${digits}`,
    `Calls to ${digits} are no longer gapped by hand, from now on.`,
    'numbers-title',
    (reason) => ask('DELETE', `v1/gaps/${encodeURIComponent(digits)}?reason=${encodeURIComponent(reason)}`),
  );

export function holdMode(): void {
  const choices = (['L0', 'L1', 'L2', 'L3'] as const).map((value) => ({ value, text: modeTitle(value) }));
  askFirst({
    title: 'Hold a running mode',
    fields: [{ name: 'mode', label: 'Mode', choices, value: 'L1' }, minutesField(), reasonField],
    consequence: ({ mode }, until) =>
      until === ''
        ? noTime
        : `The edge runs in ${modeTitle(mode as RunningMode)} until ${until}, whatever indicators and orchestrators say. ` +
          `${modes[mode as RunningMode].means}${orderedText(mode as RunningMode)} ${endsBySelf}`,
    submit: 'Hold the mode',
    isGrave: true,
    send: (values) => send(ask('PUT', 'v1/mode', { mode: values.mode, ...order(values) })),
    done: ({ mode }, until) => `The mode is held at ${mode} until ${until}.`,
    returnTo: 'controls-title',
  });
}

export const liftMode = (): void =>
  lift('Let the mode go', 'Indicators and orchestrators say the mode again, from now on.', 'controls-title', (reason) =>
    ask('DELETE', `v1/mode?reason=${encodeURIComponent(reason)}`),
  );

export function drainEdge(): void {
  askTimed({
    title: 'Drain the edge',
    consequence: (until) =>
      `Every ordinary new call is refused until ${until}, and the edge says that it is not ready. Emergency and priority calls pass, ` +
      `established calls go on. ${endsBySelf}`,
    submit: 'Refuse new calls',
    send: (values) => ask('PUT', 'v1/drain', order(values)),
    done: (until) => `The edge is drained until ${until}.`,
    returnTo: 'controls-title',
  });
}

export const liftDrain = (): void =>
  lift('End the drain of the edge', 'Ordinary new calls are taken again, from now on.', 'controls-title', (reason) =>
    ask('DELETE', `v1/drain?reason=${encodeURIComponent(reason)}`),
  );

export function drainSwitch(name: string): void {
  askTimed({
    title: `Drain ${name}`,
    consequence: (until) =>
      `${name} gets no new calls until ${until}; they go to the other switches of its group, within their capacity. Its established calls ` +
      `go on. ${endsBySelf}`,
    submit: `Drain ${name}`,
    send: (values) => ask('PUT', `v1/switches/${encodeURIComponent(name)}/drain`, order(values)),
    done: (until) => `${name} is drained until ${until}.`,
    returnTo: 'switches-title',
  });
}

export const liftSwitchDrain = (name: string): void =>
  lift(`Put ${name} back in service`, `${name} gets new calls again, from now on.`, 'switches-title', (reason) =>
    ask('DELETE', `v1/switches/${encodeURIComponent(name)}/drain?reason=${encodeURIComponent(reason)}`),
  );

export function turnShadow(on: boolean): void {
  askTimed({
    title: on ? 'Turn shadow on' : 'Turn shadow off',
    consequence: (until) =>
      on
        ? `Nothing is refused for load until ${until}: limits and gaps are decided and counted only, and the switches get every call that is ` +
          `offered. ${endsBySelf}`
        : `What is decided is carried out until ${until}, although the configuration says shadow: calls above the limits are refused. ${endsBySelf}`,
    submit: on ? 'Turn shadow on' : 'Turn shadow off',
    send: (values) => ask('PUT', 'v1/shadow', { on, ...order(values) }),
    done: (until) => `Shadow is ${on ? 'on' : 'off'} until ${until}.`,
    returnTo: 'controls-title',
  });
}

export const liftShadow = (): void =>
  lift(
    'Let shadow go',
    'The configuration says again whether anything is refused for load, from now on.',
    'controls-title',
    (reason) => ask('DELETE', `v1/shadow?reason=${encodeURIComponent(reason)}`),
  );

interface Timed {
  readonly title: string;
  readonly consequence: (until: string) => string;
  readonly submit: string;
  readonly send: (values: Values) => Promise<Answer<unknown>>;
  readonly done: (until: string) => string;
  readonly returnTo: string;
}

function askTimed({ consequence, done, ...rest }: Timed): void {
  askFirst({
    ...rest,
    fields: [minutesField(), reasonField],
    consequence: (_, until) => (until === '' ? noTime : consequence(until)),
    isGrave: true,
    send: (values) => send(rest.send(values)),
    done: (_, until) => done(until),
  });
}

function lift(
  title: string,
  consequence: string,
  returnTo: string,
  act: (reason: string) => Promise<Answer<unknown>>,
): void {
  const question: Question = {
    title,
    fields: [reasonField],
    consequence: () => consequence,
    submit: title,
    send: (values) => send(act(values.reason ?? '')),
    done: () => consequence,
    returnTo,
  };
  askFirst(question);
}
