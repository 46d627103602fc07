/** The commands: in the palette, on cells and in the launcher; and what the views have done through them. */

import { compareWith } from '../../widgets/src/compare/choice';
import { selectCell } from '../../widgets/src/made';
import { MOUNTS } from '../../widgets/src/mounts';
import type { Store } from '../../widgets/src/store';
import { t } from '../../widgets/src/translate';
import { ORDER, title } from '../../widgets/src/view_names';
import type { ViewName } from '../../widgets/src/view_names';
import { describe } from '../../widgets/src/words';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { ILauncher } from '@jupyterlab/launcher';
import type { INotebookTracker } from '@jupyterlab/notebook';
import { CommandRegistry } from '@lumino/commands';
import type { BodyActions } from './body';
import { COMMANDS } from './commands';
import { openLessons } from './lessons';
import { viewOf } from './main_area';
import type { MainArea } from './main_area';
import { PANEL_ID, panelIcon } from './panel';
import type { ChunkscopePanel } from './panel';
import { saveRun } from './saving';
import type { Format } from './saving';
import type { IPanelModel } from './tokens';

/** What the commands work on. */
export interface Parts {
  readonly app: JupyterFrontEnd;
  readonly model: IPanelModel;
  readonly area: MainArea;
  readonly tracker: INotebookTracker;
  readonly palette: ICommandPalette | null;
  readonly launcher: ILauncher | null;
  panel(): ChunkscopePanel;
}

const CATEGORY = 'chunkscope';
/** The palette gives the focus back to where it was, a moment after it has run a command. */
const PALETTE_MS = 60;

/** Add all commands; the result is what views call. */
export function addCommands(parts: Parts): BodyActions {
  const { app, model, area } = parts;
  const { commands } = app;
  const save = (run: number | undefined, format: Format): Promise<string | null> =>
    run === undefined ? Promise.resolve(null) : saveRun(model, app.serviceManager.contents, commands, run, format);
  const actions: BodyActions = {
    send: area.roomy ? name => void commands.execute(COMMANDS.view, { view: name }) : null,
    drag: area.roomy ? (name, event) => area.drag(name, event) : null,
    keys: () => keysOf(commands),
    save: (run, format) => void save(run, format),
    forget: runs => {
      model.store.drop(runs);
      model.ask({ ask: 'forget', runs }).catch(() => undefined); // a busy kernel tells of them again; nothing is lost
    }
  };
  addPlaces(parts);
  addRuns(parts, save, actions);
  addReplay(parts);
  addCells(parts);
  addLessons(parts);
  return actions;
}

/** The keys of our commands, as the reader has set them. */
function keysOf(commands: CommandRegistry): [string, string][] {
  const ours: readonly string[] = Object.values(COMMANDS);
  return commands.keyBindings.filter(({ command }) => ours.includes(command))
    .map(({ keys, command }) => [keys.map(CommandRegistry.formatKeystroke).join(', '), commands.label(command)]);
}

function inPalette({ palette }: Parts, command: string, args?: { readonly [key: string]: string }): void {
  palette?.addItem({ command, category: CATEGORY, ...(args ? { args } : {}) });
}

/** The panel, and views of their own. */
function addPlaces(parts: Parts): void {
  const { app, area, panel } = parts;
  const { commands, shell } = app;
  commands.addCommand(COMMANDS.open, {
    label: t('Show the chunkscope panel'),
    icon: panelIcon,
    execute: () => {
      const { body } = panel();
      shell.activateById(PANEL_ID);
      body.activate();
      window.setTimeout(() => {
        if (!body.node.contains(document.activeElement)) {
          body.activate();
        }
      }, PALETTE_MS);
    }
  });
  commands.addCommand(COMMANDS.help, {
    label: t('Keys of the chunkscope panel'),
    execute: () => {
      shell.activateById(PANEL_ID);
      panel().body.help();
    }
  });
  const labelled = (view: ViewName): string =>
    area.roomy ? t('{view} in the main area', { view: title(view) }) : t('Show {view}', { view: title(view) });
  commands.addCommand(COMMANDS.view, {
    label: args => (typeof args.view === 'string' ? labelled(viewOf(args.view)) : t('Show a view')),
    execute: args => {
      const view = viewOf(args.view);
      if (area.roomy) {
        return area.open(view, typeof args.mode === 'string' ? args.mode : undefined);
      }
      shell.activateById(PANEL_ID); // Notebook 7 has one document in a window: there the panel is the place
      panel().body.reveal(view);
      return null;
    }
  });
  inPalette(parts, COMMANDS.open);
  inPalette(parts, COMMANDS.help);
  for (const view of ORDER) {
    if (MOUNTS[view]) {
      inPalette(parts, COMMANDS.view, { view });
    }
  }
}

/** Choosing, comparing, saving and forgetting runs. */
function addRuns(parts: Parts, save: (run: number | undefined, format: Format) => Promise<string | null>, actions: BodyActions): void {
  const { app, model, panel } = parts;
  const { commands } = app;
  const shown = (): number | undefined => model.store.current?.number;
  const some = (): boolean => model.store.current !== null;
  const ended = (): boolean => model.store.current?.ended != null;
  const next = (step: 1 | -1): number | undefined => {
    const numbers = model.store.list().map(row => row.run);
    return numbers[numbers.indexOf(shown() ?? NaN) + step];
  };
  const show = (run: number | undefined): void => {
    if (run !== undefined) {
      if (model.store.runs.has(run)) {
        model.store.show(run);
      } else {
        void model.fetch(run).then(() => model.store.show(run));
      }
    }
  };
  commands.addCommand(COMMANDS.saveRecording, {
    label: t('Save the shown run as a recording'), isEnabled: ended, execute: () => save(shown(), 'recording')
  });
  commands.addCommand(COMMANDS.saveReport, {
    label: t('Save the shown run as a page of HTML'), isEnabled: ended, execute: () => save(shown(), 'html')
  });
  commands.addCommand(COMMANDS.comparePrevious, {
    label: t('Compare the shown run with the one before'),
    isEnabled: () => some() && next(-1) !== undefined,
    execute: () => {
      const before = next(-1);
      if (before !== undefined) {
        void model.fetch(before);
        compareWith(model.store, before);
        app.shell.activateById(PANEL_ID);
        panel().body.reveal('compare');
      }
    }
  });
  commands.addCommand(COMMANDS.previousRun, { label: t('Show the run before'), isEnabled: some, execute: () => show(next(-1)) });
  commands.addCommand(COMMANDS.nextRun, { label: t('Show the run after'), isEnabled: some, execute: () => show(next(1)) });
  commands.addCommand(COMMANDS.forgetRuns, {
    label: t('Forget all runs that have ended'),
    isEnabled: some,
    execute: () => actions.forget(model.store.list().filter(row => row.state !== 'running').map(row => row.run))
  });
  commands.addCommand(COMMANDS.followNotebook, {
    label: t('Show the runs of the notebook in front'),
    isEnabled: () => model.choice.chosen !== null,
    execute: () => model.choice.choose(null)
  });
  for (const name of ['saveRecording', 'saveReport', 'comparePrevious', 'previousRun', 'nextRun', 'forgetRuns', 'followNotebook'] as const) {
    inPalette(parts, COMMANDS[name]);
  }
}

/** The replay's clock. */
function addReplay(parts: Parts): void {
  const { app, model } = parts;
  const acts: readonly (readonly [string, string, (store: Store) => void])[] = [
    [COMMANDS.play, t('Replay: play or pause'), store => store.player.toggle()],
    [COMMANDS.stepBack, t('Replay: step back'), store => store.player.step(-1)],
    [COMMANDS.stepForward, t('Replay: step forward'), store => store.player.step(1)],
    [COMMANDS.start, t('Replay: to the start'), store => store.player.seek(0)],
    [COMMANDS.live, t('Replay: live, or to the end'), store => store.player.live()]
  ];
  for (const [id, label, act] of acts) {
    app.commands.addCommand(id, { label, isEnabled: () => model.store.current !== null, execute: () => act(model.store) });
    inPalette(parts, id);
  }
}

/** From a cell to what it made, and back. */
function addCells(parts: Parts): void {
  const { app, model, tracker } = parts;
  app.commands.addCommand(COMMANDS.showCell, {
    label: t('Show what this cell made'),
    caption: t('Show in the chunkscope panel what this cell made'),
    icon: panelIcon,
    isVisible: args => (args.toolbar ? model.settings.cellButton : true) && tracker.activeCell?.model.type === 'code',
    isEnabled: () => tracker.activeCell?.model.type === 'code',
    execute: () => {
      const cell = tracker.activeCell?.model.id;
      if (cell) {
        model.choice.choose(null);
        app.shell.activateById(PANEL_ID);
        if (!selectCell(model.store, cell)) {
          Notification.info(t('No run that is kept was made by this cell. Run it, then look again.'), { autoClose: 5000 });
        }
      }
    }
  });
  app.commands.addCommand(COMMANDS.goToCell, {
    label: t('Go to the code of what is selected'),
    isEnabled: () => !!describe(model.store, model.store.selection)?.place?.cell,
    execute: () => {
      const place = describe(model.store, model.store.selection)?.place;
      if (place?.cell) {
        model.go(place.cell, place.line);
      }
    }
  });
  inPalette(parts, COMMANDS.showCell);
  inPalette(parts, COMMANDS.goToCell);
}

function addLessons(parts: Parts): void {
  const { app, launcher } = parts;
  app.commands.addCommand(COMMANDS.lessons, {
    label: args => (args.launcher ? t('Lessons') : t('Open a lesson')),
    caption: t('Learn chunks, task graphs and memory with chunkscope'),
    icon: panelIcon,
    execute: args => openLessons(app.commands, app.serviceManager.serverSettings, typeof args.cwd === 'string' ? args.cwd : '')
  });
  launcher?.add({ command: COMMANDS.lessons, category: 'chunkscope', rank: 0, args: { launcher: true } });
  inPalette(parts, COMMANDS.lessons);
}
