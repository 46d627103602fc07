/** Which function shows which view. One line for each view, in the order of `view_names`; a name without one is not shown. */

import type { Mount } from './host';
import type { ViewName } from './view_names';
import { mountChunks } from './views/chunks';
import { mountCompare } from './views/compare';
import { mountExplain } from './views/explain';
import { mountGraph } from './views/graph';
import { mountMemory } from './views/memory';
import { mountProfile } from './views/profile';
import { mountProgress } from './views/progress';
import { mountReplay } from './views/replay';
import { mountTable } from './views/table';
import { mountTimeline } from './views/timeline';
import { mountWhatif } from './views/whatif';
import { mountWorkers } from './views/workers';

export const MOUNTS: Readonly<Partial<Record<ViewName, Mount>>> = {
  replay: mountReplay,
  progress: mountProgress,
  chunks: mountChunks,
  graph: mountGraph,
  timeline: mountTimeline,
  memory: mountMemory,
  workers: mountWorkers,
  profile: mountProfile,
  explain: mountExplain,
  whatif: mountWhatif,
  compare: mountCompare,
  table: mountTable
};
