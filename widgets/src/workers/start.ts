/** What a new cluster is to be like: workers, threads of each, memory of each; as a question to the kernel and as code. */

import { make } from '../dom';
import { t } from '../translate';

/** What is asked for; what is not said the kernel chooses. */
export interface Wanted {
  readonly workers: number;
  readonly threads: number | null;
  /** Such as "1GB"; empty for a share of the machine's. */
  readonly memory: string;
}

const USUAL_WORKERS = 2;
const MOST = 64;

/** The lines that make such a cluster in a cell. */
export function startCode({ workers, threads, memory }: Wanted): string {
  const options = [`n_workers=${workers}`, threads === null ? '' : `threads_per_worker=${threads}`, memory ? `memory_limit="${memory}"` : ''];
  return `from chunkscope import Client\n\nclient = Client(${options.filter(Boolean).join(', ')})\nclient`;
}

/** The lines that give a cell a client of a cluster that is open: the one that all work goes to, or another by its name. */
export function clientCode(cluster: { readonly name: string; readonly current: boolean }): string {
  const name = JSON.stringify(cluster.name);
  return cluster.current
    ? 'from chunkscope.futures import get_client\n\nclient = get_client()\nclient'
    : `from chunkscope.futures import Client, clusters\n\nclient = Client(next(one for one in clusters() if one.name == ${name}))\nclient`;
}

/** What was typed, read: numbers within bounds, and a size or nothing. */
export function wantedOf(workers: string, threads: string, memory: string): Wanted {
  const whole = (text: string): number | null => (/^\d+$/.test(text.trim()) ? Math.min(Math.max(Number(text), 1), MOST) : null);
  return {
    workers: whole(workers) ?? USUAL_WORKERS,
    threads: whole(threads),
    memory: /^\d+(\.\d+)? ?[kMGT]i?B$/i.test(memory.trim()) ? memory.trim() : ''
  };
}

/** The fields; `changed` is called with what they ask for. */
export function startFields(changed: (wanted: Wanted) => void): HTMLElement {
  const field = (label: string, about: string, value: string, extra: Record<string, string | number>): [HTMLElement, HTMLInputElement] => {
    const input = make('input', 'cks-workers-field', { type: 'text', size: 4, value, title: about, ...extra });
    return [make('label', 'cks-workers-label', { title: about }, `${label} `, input), input];
  };
  const [first, workers] = field(t('Workers'), t('Processes of this machine'), String(USUAL_WORKERS), { inputmode: 'numeric' });
  const [second, threads] = field(t('Threads'), t('Tasks that each worker runs at once; empty for a share of the cores'), '', { inputmode: 'numeric', placeholder: t('auto') });
  const [third, memory] = field(t('Memory'), t('What each worker may hold, such as 1GB; empty for a share of the memory'), '', { placeholder: t('auto') });
  const tell = (): void => changed(wantedOf(workers.value, threads.value, memory.value));
  for (const input of [workers, threads, memory]) {
    input.addEventListener('input', tell);
    input.addEventListener('keydown', event => {
      if (event.key !== 'Escape') {
        event.stopPropagation(); // keys write here, and move nothing
      }
    });
  }
  return make('div', 'cks-workers-fields', {}, first, second, third);
}
