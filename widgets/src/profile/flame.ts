/** Sampled stacks as a tree of rectangles: the run on top, its operations below it, then the functions that they called. */

import type { Run } from '../run';
import { t } from '../translate';
import type { StackFrame, StackSamples } from '../wire';
import { layerName } from '../words';

/** One rectangle of the flame graph. */
export interface Node {
  readonly number: number;
  readonly name: string;
  /** "file:line" of a function; empty for the run and its operations. */
  readonly place: string;
  readonly frame: StackFrame | null;
  /** The operation that it belongs to; -1 for the run. */
  readonly layer: number;
  /** Lane seconds in it and in all that it called. */
  readonly seconds: number;
  /** Lane seconds in itself. */
  readonly own: number;
  readonly depth: number;
  readonly parent: Node | null;
  readonly children: readonly Node[];
}

interface Draft {
  number: number;
  name: string;
  place: string;
  frame: StackFrame | null;
  layer: number;
  seconds: number;
  own: number;
  depth: number;
  parent: Draft | null;
  children: Draft[];
}

/** The tree of a run's samples, of some operations or of all; null where nothing was seen. */
export function treeOf(run: Run, stacks: StackSamples, layers: ReadonlySet<number> | null = null): Node | null {
  const root = draft('', null, -1, null);
  const tops = new Map<number, Draft>();
  const nodes: (Draft | null)[] = [];
  stacks.parent.forEach((parent, i) => {
    const layer = stacks.layer[i];
    if (layers && !layers.has(layer)) {
      nodes.push(null);
      return;
    }
    let above = parent >= 0 ? nodes[parent] : (tops.get(layer) ?? null);
    if (!above) {
      const info = run.layers[layer];
      above = draft(info ? layerName(info) : '?', null, layer, root);
      tops.set(layer, above);
    }
    const frame = stacks.frames[stacks.frame[i]] ?? null;
    const node = draft(frame?.function ?? '?', frame, layer, above);
    node.own = stacks.seconds[i];
    nodes.push(node);
  });
  if (!tops.size) {
    return null;
  }
  for (let i = nodes.length - 1; i >= 0; i--) { // callers come before what they called
    const node = nodes[i];
    if (node) {
      node.seconds = node.own + sum(node.children);
    }
  }
  for (const top of tops.values()) {
    top.seconds = sum(top.children);
  }
  root.seconds = sum(root.children);
  root.name = t('run {run}', { run: run.number });
  let number = 0;
  const stack = [root];
  while (stack.length) { // stacks of functions may be deep
    const node = stack.pop()!;
    node.number = number++;
    node.children.sort((a, b) => b.seconds - a.seconds || (a.name < b.name ? -1 : 1));
    stack.push(...[...node.children].reverse());
  }
  return root;
}

function draft(name: string, frame: StackFrame | null, layer: number, parent: Draft | null): Draft {
  const place = frame?.line ? `${frame.file}:${frame.line}` : '';
  const node: Draft = { number: 0, name, place, frame, layer, seconds: 0, own: 0, depth: parent ? parent.depth + 1 : 0, parent, children: [] };
  parent?.children.push(node);
  return node;
}

function sum(nodes: readonly Draft[]): number {
  return nodes.reduce((total, node) => total + node.seconds, 0);
}

/** A node with its place: the row from the top, and where it begins and ends as shares of the width. */
export interface Box {
  readonly node: Node;
  readonly row: number;
  readonly from: number;
  readonly to: number;
}

/** Where the nodes lie when `zoomed` has the whole width: its callers above it as wide, what it called below. `least`: a share. */
export function boxes(zoomed: Node, least: number): Box[] {
  const found: Box[] = [];
  for (let above = zoomed.parent; above; above = above.parent) {
    found.push({ node: above, row: above.depth, from: 0, to: 1 });
  }
  found.reverse();
  const stack: Box[] = [{ node: zoomed, row: zoomed.depth, from: 0, to: 1 }];
  while (stack.length) {
    const box = stack.pop()!;
    found.push(box);
    const scale = box.node.seconds > 0 ? (box.to - box.from) / box.node.seconds : 0;
    let from = box.from;
    for (const child of box.node.children) {
      const to = from + child.seconds * scale;
      if (to - from >= least) {
        stack.push({ node: child, row: child.depth, from, to });
      }
      from = to;
    }
  }
  return found;
}

/** The rows that the boxes need. */
export function rowsOf(all: readonly Box[]): number {
  return all.reduce((most, box) => Math.max(most, box.row + 1), 0);
}

/** The end of a place: its file without folders, and the line. */
export function shortPlace(place: string): string {
  return place.replace(/^.*[\\/](?=[^\\/]+$)/, '');
}

/** The box at a share of the width in a row, or null. */
export function boxAt(all: readonly Box[], share: number, row: number): Box | null {
  return all.find(box => box.row === row && share >= box.from && share < box.to) ?? null;
}

/** Whether a node is what the search is for: in the name of its function, or of its file. */
export function matches(node: Node, search: string): boolean {
  const wanted = search.trim().toLowerCase();
  return wanted !== '' && (node.name.toLowerCase().includes(wanted) || node.place.toLowerCase().includes(wanted));
}

/** Seconds in the nodes that are found, none counted twice. */
export function secondsFound(root: Node, search: string): number {
  let total = 0;
  const stack = [root];
  while (stack.length) {
    const node = stack.pop()!;
    if (matches(node, search)) {
      total += node.seconds;
    } else {
      stack.push(...node.children);
    }
  }
  return total;
}

/** The node that an arrow leads to from another; null stays. */
export function neighbour(node: Node, key: string): Node | null {
  const siblings = node.parent?.children ?? [node];
  const at = siblings.indexOf(node);
  switch (key) {
    case 'ArrowUp':
      return node.parent;
    case 'ArrowDown':
      return node.children[0] ?? null;
    case 'ArrowLeft':
      return siblings[at - 1] ?? null;
    case 'ArrowRight':
      return siblings[at + 1] ?? null;
    default:
      return null;
  }
}

/** One function in all places where it was called. */
export interface Function {
  readonly name: string;
  readonly place: string;
  readonly cell: string;
  readonly line: number;
  readonly own: number;
  readonly total: number;
  /** The node of it with the most seconds. */
  readonly node: Node;
}

/** All functions, those with the most seconds of their own first. Of a function that calls itself the outermost call counts. */
export function functions(root: Node): Function[] {
  const found = new Map<string, { own: number; total: number; node: Node }>();
  const stack: { readonly node: Node; readonly inside: ReadonlySet<string> }[] = [{ node: root, inside: new Set() }];
  while (stack.length) {
    const { node, inside } = stack.pop()!;
    let within = inside;
    if (node.frame) {
      const key = `${node.name}\n${node.place}`;
      const held = found.get(key) ?? { own: 0, total: 0, node };
      held.own += node.own;
      if (!inside.has(key)) {
        held.total += node.seconds;
        within = new Set(inside).add(key);
      }
      held.node = node.seconds > held.node.seconds ? node : held.node;
      found.set(key, held);
    }
    node.children.forEach(child => stack.push({ node: child, inside: within }));
  }
  return [...found.values()].map(({ own, total, node }) => ({
    name: node.name, place: node.place, cell: node.frame?.cell ?? '', line: node.frame?.line ?? 0, own, total, node
  })).sort((a, b) => b.own - a.own || b.total - a.total);
}

/** The node of another tree that is the same call: the same functions all the way down. Its nearest caller where it is gone. */
export function sameCall(root: Node, node: Node): Node {
  const way: Node[] = [];
  for (let above: Node | null = node; above && above.parent; above = above.parent) {
    way.unshift(above);
  }
  let at = root;
  for (const step of way) {
    const next = at.children.find(child => child.name === step.name && child.place === step.place && child.layer === step.layer);
    if (!next) {
      break;
    }
    at = next;
  }
  return at;
}
