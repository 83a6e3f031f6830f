// The dialog before anything is changed: says in words what will happen and until when, wants a reason, and shows what the edge
// answers where it refuses.
import type { Fault } from './api.ts';
import { edgeNowMs } from './clock.ts';
import { byId, element, setText } from './dom.ts';
import { momentText, span } from './format.ts';

export type Values = Readonly<Record<string, string>>;

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly value?: string;
  /** A choice among these; without it a line of text. */
  readonly choices?: readonly { readonly value: string; readonly text: string }[];
  /** As HTML has them: `type`, `min`, `pattern`, `maxlength`. All fields are required. */
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface Question {
  readonly title: string;
  readonly fields: readonly Field[];
  /** What will happen, in words; `until`: empty where no time is asked for, or none that holds. */
  readonly consequence: (values: Values, until: string) => string;
  readonly submit: string;
  /** Refuses calls of customers: the button says so by its colour, too. */
  readonly isGrave?: boolean;
  readonly send: (values: Values) => Promise<Fault | undefined>;
  /** What is said once it is done. */
  readonly done: (values: Values, until: string) => string;
  /** Gets the focus where what opened the dialog has gone. */
  readonly returnTo: string;
}

const mostMinutes = 1440;

export function minutesField(value = '15'): Field {
  const attributes = { type: 'number', min: '0.1', max: String(mostMinutes), step: 'any', inputmode: 'decimal' };
  return {
    name: 'minutes',
    label: 'For how many minutes',
    hint: 'It ends by itself. At most 1440, a day.',
    value,
    attributes,
  };
}

export const reasonField: Field = {
  name: 'reason',
  label: 'Reason',
  hint: 'For the audit: who ordered this, and why.',
  attributes: { maxlength: '200', autocomplete: 'off' },
};

export const secondsOf = (values: Values): number => Number(values.minutes) * 60;

export function askFirst(question: Question): void {
  const opener = document.activeElement;
  const inputs = question.fields.map(inputOf);
  // no live region: it says a later time each second. It is read with the button that makes it so.
  const consequence = element('p', { class: 'consequence', id: 'dialog-consequence' });
  const fault = element('p', { class: 'fault', role: 'alert' });
  const cancel = element('button', { type: 'button', class: 'quiet' }, ['Cancel']);
  const submit = element(
    'button',
    { type: 'submit', class: question.isGrave ? 'grave' : 'primary', 'aria-describedby': 'dialog-consequence' },
    [question.submit],
  );
  const form = element('form', { novalidate: '' }, [
    element('h2', { id: 'dialog-title' }, [question.title]),
    ...inputs.map(({ box }) => box),
    consequence,
    fault,
    element('div', { class: 'buttons' }, [cancel, submit]),
  ]);
  const dialog = element('dialog', { 'aria-labelledby': 'dialog-title' }, [form]);

  const values = (): Values => Object.fromEntries(inputs.map(({ input }) => [input.name, input.value.trim()]));
  const until = (): string => {
    const seconds = secondsOf(values());
    if (!(seconds > 0 && seconds <= mostMinutes * 60)) return '';
    return `${momentText(edgeNowMs() + seconds * 1000, edgeNowMs())} (${span(seconds)})`;
  };
  const tell = (): void => setText(consequence, question.consequence(values(), until()));
  form.addEventListener('input', tell);
  // "until" moves on while the dialog is open
  const timer = setInterval(tell, 1000);

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const wrong = inputs.find(({ input }) => input.value.trim() === '' || !input.checkValidity());
    for (const { input } of inputs) input.setAttribute('aria-invalid', String(input === wrong?.input));
    if (wrong !== undefined) {
      const why = wrong.input.value.trim() === '' ? 'is needed' : wrong.input.validationMessage;
      setText(fault, `${wrong.label}: ${why}`);
      wrong.input.focus();
      return;
    }
    setText(fault, '');
    submit.disabled = true;
    void question.send(values()).then((answer) => {
      submit.disabled = false;
      if (answer !== undefined) {
        setText(fault, answer.text);
        submit.focus();
        return;
      }
      const said = question.done(values(), until());
      dialog.close();
      say(said);
    });
  });
  cancel.addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => {
    clearInterval(timer);
    dialog.remove();
    const isThere = opener instanceof HTMLElement && opener.isConnected && opener !== document.body;
    (isThere ? opener : byId(question.returnTo)).focus();
  });
  document.body.append(dialog);
  tell();
  dialog.showModal();
  inputs[0]?.input.focus();
}

/** A line at the edge of the page, for a while. */
export function say(text: string): void {
  const line = byId('done');
  setText(line, text);
  line.classList.add('shown');
  clearTimeout(sayTimer);
  sayTimer = setTimeout(() => line.classList.remove('shown'), 8000);
}
let sayTimer: ReturnType<typeof setTimeout> | undefined;

function inputOf(field: Field): { box: HTMLElement; input: HTMLInputElement | HTMLSelectElement; label: string } {
  const { name, label, hint, choices, value } = field;
  const id = `field-${name}`;
  const described: Record<string, string> = hint === undefined ? {} : { 'aria-describedby': `${id}-hint` };
  const attributes = { id, name, required: '', ...described, ...field.attributes };
  const input =
    choices === undefined
      ? element('input', { type: 'text', ...attributes })
      : element(
          'select',
          attributes,
          choices.map((one) => element('option', { value: one.value }, [one.text])),
        );
  if (value !== undefined) input.value = value;
  const more = hint === undefined ? [] : [element('span', { class: 'hint', id: `${id}-hint` }, [hint])];
  return {
    box: element('div', { class: 'field' }, [element('label', { for: id }, [label]), input, ...more]),
    input,
    label,
  };
}
