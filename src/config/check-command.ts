// `surgegate check`: every fault of a configuration and of its dial plan, a line each.
import { loadDialplan } from '../dialplan/load.ts';
import { formatFault, loadConfig } from './load.ts';
import { configJsonSchema } from './schema.ts';

export interface CheckOutput {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

/** Returns the exit status: 0 where the files are valid, 1 where they are not or none was named. */
export async function checkConfig(file: string | undefined, jsonSchema: boolean, to: CheckOutput): Promise<number> {
  if (jsonSchema) {
    to.out(JSON.stringify(configJsonSchema(), null, 2));
    return 0;
  }
  if (file === undefined) {
    to.error('surgegate: check needs a file, or --json-schema');
    return 1;
  }
  const loaded = loadConfig(file);
  if ('faults' in loaded) {
    for (const fault of loaded.faults) to.out(formatFault(fault));
    return 1;
  }
  const dialplan = loadDialplan(loaded.config.dialplan);
  if ('faults' in dialplan) {
    for (const fault of dialplan.faults) to.out(fault);
    return 1;
  }
  to.out(`${file}: valid`);
  return 0;
}
