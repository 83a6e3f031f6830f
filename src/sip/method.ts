// The methods that the edge tells apart (RFC 3261 §7.1 and its extensions); every other token is `other`.

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
