/** Asks our server side about the processes of a kernel: it answers also while the kernel cannot. */

import type { Figures } from '../../widgets/src/views/notice';
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { Kernel } from '@jupyterlab/services';

interface ProcessRow {
  readonly resident_bytes: number;
  readonly cpu_seconds: number;
}

/** Sums over the kernel's processes, or null where the server cannot tell. */
export async function processFigures(kernel: Kernel.IKernelConnection): Promise<Figures | null> {
  const settings = kernel.serverSettings;
  const url = URLExt.join(settings.baseUrl, 'chunkscope', 'processes', kernel.id);
  try {
    const response = await ServerConnection.makeRequest(url, {}, settings);
    if (!response.ok) {
      return null;
    }
    const rows = (await response.json()) as ProcessRow[];
    return rows.length === 0 ? null : {
      resident: rows.reduce((sum, row) => sum + row.resident_bytes, 0),
      cpu: rows.reduce((sum, row) => sum + row.cpu_seconds, 0)
    };
  } catch {
    return null; // the server is gone or busy: the views stand without
  }
}
