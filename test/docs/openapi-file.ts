// The OpenAPI document as it stands in config/congestion-api.json.
import { readFileSync } from 'node:fs';
import { openApiDocument } from '../../src/congestion/openapi.ts';

export const openApiFile = new URL('../../config/congestion-api.json', import.meta.url);

export function openApiText(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return `${JSON.stringify(openApiDocument(version), null, 2)}\n`;
}
