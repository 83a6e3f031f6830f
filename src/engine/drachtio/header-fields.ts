// Header fields and URIs as they go into a message to a drachtio-server: nothing in them may end a line, or a word of its protocol.
import type { HeaderFields } from './link.ts';

const controls = /\p{Cc}+/gu;
const isToken = /^[\w\-.!%*+`'~]+$/;

/** One line: what would end it is a blank. Names that are none are left out. */
export function plainFields(fields: HeaderFields): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (isToken.test(name)) plain[name] = value.replace(controls, ' ');
  }
  return plain;
}

export const plainText = (text: string): string => text.replace(controls, ' ');

/** A URI that its protocol can carry: it puts a bar between words. */
export const isPlainUri = (uri: string): boolean => /^(?:sips?|tel):[^\s|<>"\p{Cc}]+$/iu.test(uri);
