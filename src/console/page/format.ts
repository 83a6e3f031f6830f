// Numbers, spans and times as the page writes them. Pure.

export const missing = '–';

/** `4 012`, `140`, `4.2`; digits are grouped by thin spaces. */
export function rate(perSecond: number | null | undefined): string {
  if (perSecond === null || perSecond === undefined || !Number.isFinite(perSecond)) return missing;
  const value = perSecond >= 10 ? Math.round(perSecond) : Math.round(perSecond * 10) / 10;
  return grouped(value);
}

export function grouped(value: number): string {
  const [whole = '0', part] = String(value).split('.');
  const spaced = whole.replace(/\B(?=(\d{3})+$)/g, '\u202f');
  return part === undefined ? spaced : `${spaced}.${part}`;
}

/** For axes: `1k`, `2.5k`. */
export function short(value: number): string {
  if (value < 1000) return String(Math.round(value * 100) / 100);
  return value < 1_000_000 ? `${Math.round(value / 100) / 10}k` : `${Math.round(value / 100_000) / 10}M`;
}

export const percent = (ratio: number): string => `${grouped(Math.round(ratio * 100))} %`;

/** Of a part of a whole: 100 % only where it is all of it, 0 % only where it is nothing. Null: of nothing. */
export function shareText(part: number, whole: number): string | null {
  if (!(whole > 0)) return null;
  if (part >= whole) return '100 %';
  if (part <= 0) return '0 %';
  const inTenths = Math.min(999, Math.max(1, Math.floor((part / whole) * 1000)));
  return inTenths >= 990 || inTenths < 10 ? `${inTenths / 10} %` : `${Math.floor(inTenths / 10)} %`;
}

/** `45 s`, `4 min 12 s`, `2 h 5 min`. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return pair(Math.floor(whole / 60), 'min', whole % 60, 's');
  return pair(Math.floor(whole / 3600), 'h', Math.floor((whole % 3600) / 60), 'min');
}

const pair = (a: number, unitOfA: string, b: number, unitOfB: string): string =>
  b === 0 ? `${a} ${unitOfA}` : `${a} ${unitOfA} ${b} ${unitOfB}`;

const two = (value: number): string => String(value).padStart(2, '0');

/** `03:14:05` on the clock of whoever looks. */
export function clockTime(unixMs: number): string {
  const at = new Date(unixMs);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** As `clockTime`, with the date where that is another day than `nowMs`. */
export function momentText(unixMs: number, nowMs: number): string {
  const at = new Date(unixMs);
  if (at.toDateString() === new Date(nowMs).toDateString()) return clockTime(unixMs);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clockTime(unixMs)}`;
}

/** `1.5 GB`. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let scaled = value;
  let unit = 0;
  while (scaled >= 1000 && unit < units.length - 1) {
    scaled /= 1000;
    unit++;
  }
  return `${scaled >= 10 ? Math.round(scaled) : Math.round(scaled * 10) / 10} ${units[unit]}`;
}
