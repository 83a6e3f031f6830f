// Values of the status as text.

/** `missing`: what null is called. */
export function limitText(value: number | null, missing = 'no limit'): string {
  return value === null ? missing : rateText(value);
}

export function rateText(perSecond: number): string {
  return `${perSecond >= 100 ? Math.round(perSecond) : Math.round(perSecond * 10) / 10}/s`;
}

export const percent = (ratio: number): string => `${Math.round(ratio * 100)} %`;

export function spanText(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
