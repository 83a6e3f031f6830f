// A terminal that one page is drawn on again and again: in place, cut to its size, without flicker, and left as it was. What is no
// terminal gets page after page.
import { styleText } from 'node:util';
import { isScreen, type Output } from '../terminal.ts';

export interface Screen {
  /** `isOld`: it is not as things are now. */
  show(page: string, isOld?: boolean): void;
  /** The terminal is as it was, with the last page on it. */
  end(): void;
}

type Style = Parameters<typeof styleText>[0];

// ECMA-48 and what xterm has added: another page, the cursor, lines that are cut and not wrapped, and an update drawn at once.
const esc = '\u001b[';
const enter = `${esc}?1049h${esc}?25l${esc}?7l`;
const leave = `${esc}?7h${esc}?25h${esc}?1049l`;
const begin = `${esc}?2026h${esc}H`;
const done = `${esc}J${esc}?2026l`;
const restOfLine = `${esc}K`;

export function openScreen(out: Output, environment: NodeJS.ProcessEnv = process.env): Screen {
  if (!isScreen(out, environment)) return openPages(out);
  // NO_COLOR and the like: by what Node finds out
  const isColoured = out.hasColors?.() ?? false;
  let page = '';
  let isOld = false;
  const draw = (): void => {
    const lines = page.split('\n');
    const rows = out.rows ?? 24;
    const columns = out.columns ?? 80;
    const cut = lines.length > rows ? [...lines.slice(0, rows - 1), `… ${lines.length - rows + 1} more lines`] : lines;
    const drawn = cut.map((line) => styled(line.slice(0, columns), isOld, isColoured) + restOfLine);
    out.write(`${begin}${drawn.join('\r\n')}${done}`);
  };
  out.write(enter);
  out.on?.('resize', draw);
  return {
    show(text, old = false) {
      page = text;
      isOld = old;
      draw();
    },
    end() {
      out.off?.('resize', draw);
      out.write(leave + (page === '' ? '' : `${page}\n`));
    },
  };
}

function openPages(out: Output): Screen {
  let isFirst = true;
  return {
    show(page) {
      out.write(isFirst ? `${page}\n` : `\n${page}\n`);
      isFirst = false;
    },
    end() {},
  };
}

function styled(line: string, isOld: boolean, isColoured: boolean): string {
  const style = isColoured ? styleOf(line, isOld) : undefined;
  // whether there are colours has been asked already
  return style === undefined ? line : styleText(style, line, { validateStream: false });
}

/** Of a whole line, by what it says; every colour has its word too. */
function styleOf(line: string, isOld: boolean): Style | undefined {
  if (isOld) return 'dim';
  const mode = /^surgegate \S+ +(L[0-3])/.exec(line)?.[1];
  if (mode !== undefined) return [...modeStyles[mode as keyof typeof modeStyles]];
  if (/^(SHADOW MODE|CONTROL IS OFF|DRAINING|ORDERED|NOT REACHED)| {2}warning {2}/.test(line)) return 'yellow';
  if (/ {2}critical {2}|% REFUSED|LOST$/.test(line)) return 'red';
  return /^[A-Z][A-Z]/.test(line) ? 'bold' : undefined;
}

const modeStyles = {
  L0: ['bold', 'green'],
  L1: ['bold', 'yellow'],
  L2: ['bold', 'magenta'],
  L3: ['bold', 'red'],
} as const;
