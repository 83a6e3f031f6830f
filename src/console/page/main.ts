// The console: one page of what the edge sees, has learned, and does about it, live.
import type { Status } from '../../admin/status.ts';

const status: Status = await (await fetch('v1/status')).json();
document.body.textContent = status.mode;
