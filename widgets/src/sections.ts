/** The views of a run under each other, each behind a title that opens and closes it. A closed one is not there at all. */

import { Cleanup, button, icon, make } from './dom';
import type { Gate } from './gate';
import type { ViewHost } from './host';
import { MOUNTS } from './mounts';
import { recall, remember } from './remember';
import type { Store } from './store';
import { t } from './translate';
import { CLOSED, title } from './view_names';
import type { ViewName } from './view_names';

const CLASSES: Readonly<Partial<Record<ViewName, string>>> = { table: 'operations' };
/** Also closed at first in a low window. */
const TALL: readonly ViewName[] = ['memory'];
const LOW = 960;
const DRAG_PIXELS = 6;
/** So many views or fewer are all open. */
const FEW = 4;
const CHOICE = 'open-views';

/** How the views stand in their place. */
export interface SectionOptions {
  readonly views: readonly ViewName[];
  readonly host: ViewHost;
  /** Whether the browser remembers which views are open. */
  readonly kept: boolean;
  /** The views that are open where nothing was chosen; else all but the usual ones. */
  readonly open?: readonly ViewName[] | null;
  /** Where the titles of closed views stand, in a row. */
  readonly shelf?: HTMLElement | null;
  /** One view that fills its place: its title stands elsewhere, and it cannot be closed. */
  readonly alone?: boolean;
  /** Shows a view in a place of its own, where there is one. */
  readonly send?: ((name: ViewName) => void) | null;
  /** A view's title is being dragged, to be dropped in a place of its own. */
  readonly drag?: ((name: ViewName, event: PointerEvent) => void) | null;
  /** Holds changes back from the views. */
  readonly gate?: Gate | null;
  /** Told after a view was opened or closed. */
  readonly changed?: () => void;
}

/** The mounted views. */
export interface Sections {
  /** Opens a view, brings it into sight and gives it the focus. */
  show(name: ViewName): void;
  dispose(): void;
}

/** Mount views in `element`: each when it is opened, until it is closed. */
export function mountSections(element: HTMLElement, store: Store, options: SectionOptions): Sections {
  const { views, host, kept } = options;
  const open = new Set<ViewName>(opened(options));
  const bodies = new Map<ViewName, Section>();
  const keep = (): void => {
    if (kept) {
      remember(CHOICE, [...open]);
    }
  };
  for (const name of views) {
    const mount = MOUNTS[name];
    if (!mount) {
      continue;
    }
    const section = new Section(name, body => store.within(options.gate ?? null, () => mount(body, store, host)), () => {
      if (!open.delete(name)) {
        open.add(name);
      }
      settle(section);
      section.head.focus(); // it may have moved
      reflect();
      keep();
    });
    dress(section, options);
    bodies.set(name, section);
    if (options.alone) {
      open.add(name);
    }
  }
  const { shelf = null } = options;
  /** Open or close a view as is wanted, and put it in its place: in order among the open ones, or on the shelf. */
  const settle = (section: Section): void => {
    const among = open.has(section.name) || !shelf ? element : shelf;
    const after = [...bodies.values()].slice([...bodies.values()].indexOf(section) + 1);
    const next = after.find(other => other.element.parentElement === among);
    if (section.element.parentElement !== among) {
      among.insertBefore(section.element, next?.element ?? null);
    }
    section.set(open.has(section.name));
  };
  [...bodies.values()].forEach(settle);
  const reflect = (): void => {
    element.classList.toggle('cks-with-memory', bodies.has('memory') && open.has('memory')); // the replay needs no curve then
    options.changed?.();
  };
  reflect();
  return {
    show: name => {
      const section = bodies.get(name);
      if (section) {
        open.add(name);
        settle(section);
        reflect();
        keep();
        section.focus();
      }
    },
    dispose: () => {
      for (const section of bodies.values()) {
        section.set(false);
        section.element.remove();
      }
    }
  };
}

function opened({ views, kept, open }: SectionOptions): readonly ViewName[] {
  const chosen = kept ? recall(CHOICE) : null;
  if (Array.isArray(chosen)) {
    return views.filter(name => chosen.includes(name));
  }
  if (open) {
    return views.filter(name => open.includes(name));
  }
  if (views.length <= FEW) {
    return views; // somebody named them: they are meant to be seen
  }
  const low = kept && window.innerHeight < LOW;
  return views.filter(name => !CLOSED.includes(name) && !(low && TALL.includes(name)));
}

/** A title that can be dragged, with a button that says so to everybody else; or no title. */
function dress(section: Section, { alone, send, drag }: SectionOptions): void {
  const { head, element, name } = section;
  if (alone) {
    element.classList.add('cks-alone');
    head.hidden = true;
    return;
  }
  if (send && name !== 'replay') { // whose own bar fills the row
    const view = title(name);
    head.after(button(icon('out'), t('{view}: show in the main area', { view }), () => send(name), 'cks-button cks-out'));
  }
  if (drag) {
    head.addEventListener('pointerdown', pressed => {
      if (pressed.button !== 0) {
        return;
      }
      const moved = (event: PointerEvent): void => {
        if (Math.hypot(event.clientX - pressed.clientX, event.clientY - pressed.clientY) >= DRAG_PIXELS) {
          leave();
          drag(name, event);
        }
      };
      const leave = (): void => {
        document.removeEventListener('pointermove', moved);
        document.removeEventListener('pointerup', leave);
        document.removeEventListener('pointercancel', leave);
      };
      document.addEventListener('pointermove', moved);
      document.addEventListener('pointerup', leave);
      document.addEventListener('pointercancel', leave);
    });
  }
}

/** One view behind its title. */
class Section {
  readonly element: HTMLElement;
  readonly head: HTMLButtonElement;
  private readonly body = make('div', 'cks-view');
  private readonly mounted = new Cleanup();
  private open = false;

  constructor(readonly name: ViewName, private readonly mount: (body: HTMLElement) => () => void, toggle: () => void) {
    const words = title(name);
    this.head = button(words, t('{view}: show or hide', { view: words }), toggle, 'cks-title');
    this.head.setAttribute('aria-expanded', 'false');
    this.element = make(
      'section', `cks-section cks-closed cks-${CLASSES[name] ?? name}`, { 'aria-label': words, 'data-section': name },
      make('div', 'cks-section-head', {}, this.head), this.body
    );
  }

  set(open: boolean): void {
    if (open === this.open) {
      return;
    }
    this.open = open;
    this.element.classList.toggle('cks-closed', !open);
    this.head.setAttribute('aria-expanded', String(open));
    if (open) {
      this.mounted.add(this.mount(this.body));
    } else {
      this.mounted.run();
      this.body.replaceChildren();
    }
  }

  focus(): void {
    this.element.scrollIntoView({ block: 'nearest' });
    (this.element.querySelector<HTMLElement>('.cks-stage[tabindex]') ?? this.head).focus();
  }
}
