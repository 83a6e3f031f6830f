// The classes of a request (DESIGN.md §1): what it is decides what may be done with it under load.

export const requestClasses = [
  'emergency', // urn:service:sos, emergency numbers, esnet
  'priority', // a trusted Resource-Priority, GETS, WPS
  'in-dialog', // a To tag, ACK, CANCEL, PRACK, BYE: ends load, never shed
  'new-call', // an INVITE outside a dialog
  'registration', // REGISTER
  'non-essential', // OPTIONS, SUBSCRIBE, MESSAGE, PUBLISH and the like outside a dialog
] as const;

export type RequestClass = (typeof requestClasses)[number];

/** Emergency and priority calls: never shed for load, up to the anti-forgery cap. */
export function isPrivileged(one: RequestClass): one is 'emergency' | 'priority' {
  return one === 'emergency' || one === 'priority';
}
