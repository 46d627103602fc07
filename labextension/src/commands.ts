/** The names of the commands. */

import type { ViewName } from '../../widgets/src/view_names';

export const COMMANDS = {
  open: 'chunkscope:open',
  help: 'chunkscope:help',
  view: 'chunkscope:open-view',
  showCell: 'chunkscope:show-cell',
  goToCell: 'chunkscope:go-to-cell',
  comparePrevious: 'chunkscope:compare-previous',
  saveRecording: 'chunkscope:save-recording',
  saveReport: 'chunkscope:save-report',
  forgetRuns: 'chunkscope:forget-runs',
  followNotebook: 'chunkscope:follow-notebook',
  play: 'chunkscope:play',
  stepBack: 'chunkscope:step-back',
  stepForward: 'chunkscope:step-forward',
  start: 'chunkscope:to-start',
  live: 'chunkscope:live',
  previousRun: 'chunkscope:previous-run',
  nextRun: 'chunkscope:next-run',
  lessons: 'chunkscope:lessons'
} as const;

/** The arguments of the command that opens a view in the main area. */
export interface ViewArguments {
  readonly view: ViewName;
  readonly mode?: 'split-right' | 'split-bottom' | 'tab-after';
}
