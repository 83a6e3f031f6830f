// `npm run docs`: writes the generated tables into README.md, and the OpenAPI document into config/.
import { readFileSync, writeFileSync } from 'node:fs';
import { openApiFile, openApiText } from './openapi-file.ts';
import { withTables } from './readme-tables.ts';

const readme = new URL('../../README.md', import.meta.url);
writeFileSync(readme, withTables(readFileSync(readme, 'utf8')));
writeFileSync(openApiFile, openApiText());
