// Reads the kernel's own account of the host: /proc/stat, meminfo, diskstats, net/dev (proc(5)), from their text. Pure; what is no
// such text gives undefined, or no rows.

export interface CpuTicks {
  /** Of all processors since boot, in ticks of the kernel. Time that a hypervisor gave to others (steal) is busy: nobody here has it. */
  readonly busy: number;
  readonly idle: number;
  /** Processors that are online. */
  readonly cores: number;
}

/** /proc/stat: `cpu user nice system idle iowait irq softirq steal guest guest_nice`; guests are in user and nice already. */
export function parseCpuTicks(text: string): CpuTicks | undefined {
  const fields = numbers(/^cpu +(.+)$/m.exec(text)?.[1]);
  const [user, nice, system, idle, iowait = 0, irq = 0, softirq = 0, steal = 0] = fields;
  if (user === undefined || nice === undefined || system === undefined || idle === undefined) return undefined;
  const cores = text.match(/^cpu\d+ /gm)?.length ?? 0;
  if (cores === 0) return undefined;
  return { busy: user + nice + system + irq + softirq + steal, idle: idle + iowait, cores };
}

export interface MemoryBytes {
  readonly maximum: number;
  readonly used: number;
}

/** /proc/meminfo: MemTotal and what of it is not available to new work without swapping (MemAvailable). */
export function parseMemory(text: string): MemoryBytes | undefined {
  const total = kibibytes(text, 'MemTotal');
  const available = kibibytes(text, 'MemAvailable');
  if (total === undefined || available === undefined) return undefined;
  return { maximum: total, used: Math.max(0, total - available) };
}

function kibibytes(text: string, name: string): number | undefined {
  const digits = new RegExp(`^${name}: +(\\d{1,13}) kB$`, 'm').exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits) * 1024;
}

/** Bytes since boot, by name of the device or interface. */
export type Counters = ReadonlyMap<string, number>;

/** /proc/diskstats and the block layer count in sectors of this many bytes, whatever the device's own are. */
const sectorBytes = 512;

/** /proc/diskstats: `major minor name reads merged sectors-read ms writes merged sectors-written …`; read and written together. */
export function parseDiskstats(text: string): Counters {
  const counters = new Map<string, number>();
  for (const line of text.split('\n')) {
    const fields = line.trim().split(/ +/);
    const [, , name, , , read, , , , written] = fields;
    const sectors = numbers(`${read} ${written}`);
    if (name === undefined || name === '' || sectors.length !== 2) continue;
    counters.set(name, (sectors[0]! + sectors[1]!) * sectorBytes);
  }
  return counters;
}

export interface TransferBytes {
  readonly received: number;
  readonly sent: number;
}

/** /proc/net/dev: `name: bytes packets errs drop fifo frame compressed multicast bytes …`, received first, then sent. */
export function parseNetDev(text: string): ReadonlyMap<string, TransferBytes> {
  const interfaces = new Map<string, TransferBytes>();
  for (const match of text.matchAll(/^ *([^\s:|]+(?::[^\s:|]+)*): *(\d[\d ]*)$/gm)) {
    const fields = numbers(match[2]);
    const [received] = fields;
    const sent = fields[8];
    if (received === undefined || sent === undefined) continue;
    interfaces.set(match[1]!, { received, sent });
  }
  return interfaces;
}

/** /sys/class/net/NAME/speed, Mbit/s as bytes per second; undefined where the link is down or has no speed (-1). */
export function parseLinkSpeed(text: string): number | undefined {
  const [megabits] = numbers(text.trim());
  return megabits === undefined || megabits === 0 ? undefined : (megabits * 1_000_000) / 8;
}

/** The numbers that are divided by blanks; none where one of them is no number from 0, or more than a double counts. */
function numbers(text: string | undefined): number[] {
  if (text === undefined || text === '') return [];
  const values = text
    .trim()
    .split(/ +/)
    .map((digits) => (/^\d{1,20}$/.test(digits) ? Number(digits) : Number.NaN));
  return values.some(Number.isNaN) ? [] : values;
}
