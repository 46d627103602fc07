/** Which kernel's runs are shown: that of the notebook in front, or a chosen one. */

import { fill, make } from '../dom';
import { t } from '../translate';

export interface KernelRow {
  readonly id: string;
  /** What it runs: the notebook's or console's name. */
  readonly name: string;
  /** What kind of kernel it is. */
  readonly detail: string;
}

/** The kernels of the place around the views. */
export interface KernelRows {
  rows(): readonly KernelRow[];
  /** The chosen one; null follows the notebook in front. */
  readonly chosen: string | null;
  /** The notebook that would be followed. */
  readonly following: string;
  choose(id: string | null): void;
  /** Whether the list is open: other runs are other views, and it stays as it was. */
  unfolded: boolean;
  /** Be told when rows or choice have changed; the result ends that. */
  on(listener: () => void): () => void;
}

/** Show the choice of kernels in `element`. */
export function mountKernels(element: HTMLElement, kernels: KernelRows): () => void {
  const choose = make('select', 'cks-select cks-kernels', { 'aria-label': t('Kernel that is shown') });
  element.append(choose);
  choose.addEventListener('change', () => kernels.choose(choose.value || null));
  const update = (): void => {
    const { following } = kernels;
    const first = following ? t('Notebook in front: {name}', { name: following }) : t('Notebook in front');
    fill(choose, [['', first], ...kernels.rows().map(row => [row.id, row.name] as const)], kernels.chosen ?? '');
  };
  const leave = kernels.on(update);
  update();
  if (document.activeElement === document.body) {
    choose.focus(); // the choice that was just made has brought other views, this one among them
  }
  return () => {
    leave();
    choose.remove();
  };
}
