/** What a reader has set: read from settings that may be of another version, or written by hand. */

import { isView } from './view_names';
import type { ViewName } from './view_names';

export interface Settings {
  /** Whether a run that starts is shown. */
  readonly followRuns: boolean;
  readonly openViews: readonly ViewName[];
  /** One of the player's speeds; 0 fits a run into ten seconds. */
  readonly speed: number;
  readonly keptRuns: number;
  readonly messagesPerSecond: number;
  readonly sampling: boolean;
  readonly liveObjects: boolean;
  readonly cellButton: boolean;
}

export const DEFAULTS: Settings = {
  followRuns: true,
  openViews: ['replay', 'chunks', 'graph', 'timeline', 'memory'],
  speed: 0,
  keptRuns: 50,
  messagesPerSecond: 12,
  sampling: true,
  liveObjects: true,
  cellButton: true
};

/** The settings in `given`; a value of the wrong kind counts as not set. */
export function readSettings(given: Readonly<Record<string, unknown>>): Settings {
  const flag = (name: 'followRuns' | 'sampling' | 'liveObjects' | 'cellButton'): boolean => {
    const value = given[name];
    return typeof value === 'boolean' ? value : DEFAULTS[name];
  };
  const number = (name: 'speed' | 'keptRuns' | 'messagesPerSecond', low: number, high: number): number => {
    const value = given[name];
    return typeof value === 'number' && Number.isFinite(value) ? Math.min(Math.max(value, low), high) : DEFAULTS[name];
  };
  const views = given.openViews;
  return {
    followRuns: flag('followRuns'),
    openViews: Array.isArray(views) ? views.filter(name => typeof name === 'string').filter(isView) : DEFAULTS.openViews,
    speed: number('speed', 0, 1),
    keptRuns: Math.round(number('keptRuns', 1, 500)),
    messagesPerSecond: number('messagesPerSecond', 0.5, 20),
    sampling: flag('sampling'),
    liveObjects: flag('liveObjects'),
    cellButton: flag('cellButton')
  };
}
