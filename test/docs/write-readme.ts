// `npm run docs`: writes the generated tables into README.md, the OpenAPI document into config/ and the dashboards into grafana/.
import { readFileSync, writeFileSync } from 'node:fs';
import { writeDashboards } from '../grafana/boards.ts';
import { openApiFile, openApiText } from './openapi-file.ts';
import { withTables } from './readme-tables.ts';

const readme = new URL('../../README.md', import.meta.url);
writeFileSync(readme, withTables(readFileSync(readme, 'utf8')));
writeFileSync(openApiFile, openApiText());
writeDashboards();
