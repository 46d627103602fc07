/**
 * The lines at the foot of the stage: the critical path, and what the signs mean. An operation that is pointed at takes
 * the place of the second, so that the number of lines does not change under the pointer.
 */

import { make, shape } from '../dom';
import type { Run } from '../run';
import { layerOf } from '../target';
import { t } from '../translate';
import { layerName } from '../words';
import { SIGNS, markWords, rewriteWords } from './marks';
import type { Marks } from './marks';
import type { CriticalPath } from './critical';
import type { Scene } from './scene';
import { pathSteps, pathWords } from './twin';

const STEPS = 6;

export class Legend {
  readonly element = make('div', 'cks-graph-legend', { 'aria-hidden': 'true' });
  /** The lines as one text. */
  words = '';
  private told: { readonly path: CriticalPath; readonly words: string } | null = null;

  /** How many lines there are: the picture keeps clear of them. */
  get count(): number {
    return this.element.childElementCount;
  }

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
      const named = (has: (one: Marks) => boolean): string =>
        counted(run.layers.filter((_, i) => has(marks[i])).map(layerName));
      const fused = named(one => one.parts.length > 1);
      const shared = named(one => one.uses > 1);
      if (fused || shared) {
        const said = [fused && t('fused: {names}', { names: fused }), shared && t('shared: {names}', { names: shared }), rewriteWords(run)];
        lines.push([fused ? 'fused' : 'shared', said.filter(Boolean).join(' · ')]);
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

const NAMES = 4;

/** "add ×3, sum": the distinct names, the first few. */
function counted(names: readonly string[]): string {
  const times = new Map<string, number>();
  names.forEach(name => times.set(name, (times.get(name) ?? 0) + 1));
  const said = [...times].slice(0, NAMES).map(([name, n]) => (n > 1 ? `${name} ×${n}` : name));
  return said.join(', ') + (times.size > NAMES ? ', …' : '');
}
