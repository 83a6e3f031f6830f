// The methods that the edge tells apart (RFC 3261 §7.1 and its extensions); every other token is `other`.

import { equalsExactly } from './bytes.ts';

export const methods = [
  'INVITE',
  'ACK',
  'CANCEL',
  'BYE',
  'REGISTER',
  'OPTIONS',
  'PRACK',
  'UPDATE',
  'INFO',
  'REFER',
  'NOTIFY',
  'SUBSCRIBE',
  'MESSAGE',
  'PUBLISH',
  'other',
] as const;

export type Method = (typeof methods)[number];

/** The method that bytes[start, end) names; methods are case-sensitive (RFC 3261 §7.1). */
export function methodOf(bytes: Uint8Array, start: number, end: number): Method {
  const c = bytes[start]!;
  switch (end - start) {
    case 3:
      if (c === 65) return equalsExactly(bytes, start, end, 'ACK') ? 'ACK' : 'other';
      return equalsExactly(bytes, start, end, 'BYE') ? 'BYE' : 'other';
    case 4:
      return equalsExactly(bytes, start, end, 'INFO') ? 'INFO' : 'other';
    case 5:
      if (c === 80) return equalsExactly(bytes, start, end, 'PRACK') ? 'PRACK' : 'other';
      return equalsExactly(bytes, start, end, 'REFER') ? 'REFER' : 'other';
    case 6:
      if (c === 73) return equalsExactly(bytes, start, end, 'INVITE') ? 'INVITE' : 'other';
      if (c === 67) return equalsExactly(bytes, start, end, 'CANCEL') ? 'CANCEL' : 'other';
      if (c === 85) return equalsExactly(bytes, start, end, 'UPDATE') ? 'UPDATE' : 'other';
      return equalsExactly(bytes, start, end, 'NOTIFY') ? 'NOTIFY' : 'other';
    case 7:
      if (c === 79) return equalsExactly(bytes, start, end, 'OPTIONS') ? 'OPTIONS' : 'other';
      if (c === 77) return equalsExactly(bytes, start, end, 'MESSAGE') ? 'MESSAGE' : 'other';
      return equalsExactly(bytes, start, end, 'PUBLISH') ? 'PUBLISH' : 'other';
    case 8:
      return equalsExactly(bytes, start, end, 'REGISTER') ? 'REGISTER' : 'other';
    case 9:
      return equalsExactly(bytes, start, end, 'SUBSCRIBE') ? 'SUBSCRIBE' : 'other';
    default:
      return 'other';
  }
}
