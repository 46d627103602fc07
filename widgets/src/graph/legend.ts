/** The lines in the stage's corner: what the signs mean where there are any, the critical path, the pointed-at operation. */

import { make, shape } from '../dom';
import type { Run } from '../run';
import { layerOf } from '../target';
import { t } from '../translate';
import { SIGNS, markWords, rewriteWords } from './marks';
import type { CriticalPath } from './critical';
import type { Scene } from './scene';
import { pathSteps, pathWords } from './twin';

const STEPS = 6;

export class Legend {
  readonly element = make('div', 'cks-graph-legend', { 'aria-hidden': 'true' });
  /** The lines as one text. */
  words = '';
  private told: { readonly path: CriticalPath; readonly words: string } | null = null;

  clear(): void {
    this.fill([]);
  }

  show(scene: Scene): void {
    const { run, path, marks } = scene;
    const lines: [keyof typeof SIGNS, string][] = [];
    if (path) {
      lines.push(['critical', this.pathLine(run, path)]);
    }
    const number = layerOf(run, scene.hover ?? scene.selection);
    const mark = marks[number];
    const about = mark ? markWords(run, number, mark) : '';
    if (about) {
      lines.push([mark.parts.length > 1 ? 'fused' : 'shared', about]);
    } else {
      const fused = marks.filter(one => one.parts.length > 1).length;
      const shared = marks.filter(one => one.uses > 1).length;
      if (fused) {
        lines.push(['fused', rewriteWords(run) || t('{n} fused', { n: fused })]);
      }
      if (shared) {
        lines.push(['shared', t('{n} shared', { n: shared })]);
      }
    }
    this.fill(lines);
  }

  /** Worked out once for each path. */
  private pathLine(run: Run, path: CriticalPath): string {
    if (this.told?.path !== path) {
      const steps = pathSteps(run, path);
      const shown = steps.length > STEPS ? [...steps.slice(0, STEPS - 2), '…', steps[steps.length - 1]] : steps;
      this.told = { path, words: `${pathWords(path)}: ${shown.join(' → ')}` };
    }
    return this.told.words;
  }

  private fill(lines: readonly (readonly [keyof typeof SIGNS, string])[]): void {
    const words = lines.map(([, text]) => text).join('. ');
    if (words === this.words) {
      return;
    }
    this.words = words;
    this.element.replaceChildren(...lines.map(([sign, text]) => make('div', `cks-graph-${sign}`, {}, shape(SIGNS[sign]), make('span', '', {}, text))));
  }
}
