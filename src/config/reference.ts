// The table of configuration keys for README, from the schema itself.
import { configJsonSchema } from './schema.ts';

/** What we read of a JSON Schema. */
interface Node {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly allowed?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
}

/** A Markdown table of every key of a file with this JSON Schema; default: the edge's. What the other outside interfaces have in common with `south` is shown there only. */
export function configTable(schema: object = configJsonSchema()): string {
  const rows: string[] = [];
  addRows(schema as Node, '', rows);
  return ['| key | default | allowed | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

function addRows(node: Node, prefix: string, rows: string[]): void {
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    const key = prefix === '' ? name : `${prefix}.${name}`;
    const south = /^interfaces\.(east|west|north|core)$/.test(key) ? node.properties?.south : undefined;
    const shown = south === undefined ? child : onlyDifferent(child, south);
    const isSection = shown.properties !== undefined;
    if (!isSection || shown.description !== undefined) {
      rows.push(row(key, shown, isSection, node.required?.includes(name) === true));
    }
    addRows(shown, key, rows);
    if (shown.items?.properties !== undefined) addRows(shown.items, `${key}[]`, rows);
    for (const form of shown.anyOf ?? []) addForm(form, key, rows);
  }
}

/** One of the forms that a key may have: of its keys those that no form before it has. */
function addForm(form: Node, key: string, rows: string[]): void {
  const own: string[] = [];
  addRows(form, key, own);
  rows.push(...own.filter((row) => !rows.includes(row)));
}

function onlyDifferent(node: Node, other: Node): Node {
  const kept: Record<string, Node> = {};
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    const same = other.properties?.[name];
    if (JSON.stringify(child) === JSON.stringify(same)) continue;
    const reduced = same === undefined ? child : onlyDifferent(child, same);
    kept[name] = child.description === same?.description ? { ...reduced, description: 'As for south' } : reduced;
  }
  return node.properties === undefined ? node : { ...node, properties: kept };
}

function row(key: string, node: Node, isSection: boolean, required: boolean): string {
  const byDefault = isSection || node.default === undefined ? (required ? 'required' : '') : code(node.default);
  const allowed = isSection ? '' : (node.allowed ?? (node.items?.allowed ? `a list: ${node.items.allowed}` : 'a list'));
  return `| \`${key}\` | ${byDefault} | ${cell(allowed)} | ${cell(node.description ?? '')} |`;
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
