/** The lesson that the kernel shows, read from its topic: tolerant of what is missing, and nothing is trusted. */

import { mark } from './translate';

/** What became of a step. */
export type StepState = 'open' | 'answered' | 'passed' | 'incorrect' | 'error' | 'stale' | 'not_attempted';

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export interface Step {
  readonly id: string;
  readonly kind: 'predict' | 'exercise' | 'section';
  readonly title: string;
  readonly state: StepState;
  readonly question: string;
  readonly choices: readonly Choice[];
  readonly placeholder: string;
  readonly answer: string;
  readonly message: string;
  readonly hints: readonly string[];
  readonly hintsLeft: number;
  readonly solutionOpen: boolean;
  /** The code of the solution, where it is open. */
  readonly solution: string;
  readonly views: readonly string[];
  /** The id of the notebook's cell, or nothing. */
  readonly cell: string;
}

/** How far a lesson is. */
export interface Reached {
  readonly lesson: string;
  readonly title: string;
  readonly done: number;
  readonly total: number;
}

export interface Lesson extends Reached {
  readonly number: number | null;
  readonly minutes: number | null;
  readonly objectives: readonly string[];
  readonly steps: readonly Step[];
  readonly overall: readonly Reached[];
}

/** What is asked: its name, the step, and more. */
export type Question = Readonly<Record<string, string | boolean>>;

/** What the kernel answers to a question about the lesson. */
export interface Reply {
  readonly message: string;
  readonly error: string;
}

/** Whom the lesson view may ask, and what it may move. */
export interface LessonHost {
  /** Asks the kernel; rejects where it does not answer in time. */
  ask(question: Question): Promise<Reply>;
  /** Shows a cell of the notebook; goes to it where a line (from 1) is named. */
  go(cell: string, line?: number): void;
  /** Shows one of the panel's views. */
  view(name: string): void;
}

/** How people meet a state: a word (another one for what was foretold) and a shape, never a colour alone. */
export interface StepLook {
  readonly word: string;
  readonly foretold?: string;
  readonly shape: string;
}

export const STEP_STATES: Readonly<Record<StepState, StepLook>> = {
  open: { word: mark('to do'), shape: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zm0 1.6a4.4 4.4 0 1 0 0 8.8 4.4 4.4 0 0 0 0-8.8z' },
  not_attempted: { word: mark('to do'), shape: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zm0 1.6a4.4 4.4 0 1 0 0 8.8 4.4 4.4 0 0 0 0-8.8z' },
  answered: { word: mark('answered'), shape: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zm0 1.6v8.8a4.4 4.4 0 0 0 0-8.8z' },
  passed: { word: mark('passed'), foretold: mark('right'), shape: 'M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2zm3.2 3.3L7.1 9.6 5 7.7 4 8.8l3.2 2.9 5.1-5.4z' },
  incorrect: { word: mark('not right yet'), foretold: mark('not right'), shape: 'M4.1 2.7 8 6.6l3.9-3.9 1.4 1.4L9.4 8l3.9 3.9-1.4 1.4L8 9.4l-3.9 3.9-1.4-1.4L6.6 8 2.7 4.1z' },
  error: { word: mark('error'), shape: 'M8 1.5 15 14H1zM7.2 6v4h1.6V6zm0 5v1.6h1.6V11z' },
  stale: { word: mark('changed since it passed'), shape: 'M8 2a6 6 0 0 1 4.9 2.5L14 3v4.4H9.6l2-2A4.3 4.3 0 1 0 12.3 9h1.6A6 6 0 1 1 8 2z' }
};

/** The lesson of a topic's state, or null where there is none. */
export function lessonOf(state: unknown): Lesson | null {
  const from = record(state);
  if (!from || !Array.isArray(from.steps)) {
    return null;
  }
  const steps = from.steps.map(stepOf).filter(step => step !== null);
  const judged = steps.filter(step => step.kind !== 'section');
  return {
    lesson: text(from.lesson),
    title: text(from.title) || text(from.lesson),
    number: number(from.number),
    minutes: number(from.minutes),
    objectives: texts(from.objectives),
    steps,
    done: number(from.done) ?? judged.filter(step => step.state === 'passed').length,
    total: number(from.total) ?? judged.length,
    overall: list(from.overall).map(reached).filter(row => row !== null)
  };
}

/** The step that comes next: the first that is not done, or null. */
export function nextStep(lesson: Lesson): Step | null {
  return lesson.steps.find(step => step.kind !== 'section' && step.state !== 'passed') ?? null;
}

function stepOf(value: unknown): Step | null {
  const from = record(value);
  if (!from || !text(from.id)) {
    return null;
  }
  const kind = text(from.kind);
  const state = text(from.state);
  return {
    id: text(from.id),
    kind: kind === 'predict' || kind === 'section' ? kind : 'exercise',
    title: text(from.title) || text(from.id),
    state: state in STEP_STATES ? (state as StepState) : 'open',
    question: text(from.question),
    choices: list(from.choices).map(choiceOf),
    placeholder: text(from.placeholder),
    answer: Array.isArray(from.answer) ? from.answer.map(text).join(', ') : text(from.answer),
    message: text(from.message),
    hints: texts(from.hints),
    hintsLeft: number(from.hints_left) ?? 0,
    solutionOpen: from.solution_open === true,
    solution: from.solution_open === true ? text(from.solution) : '',
    views: texts(from.views),
    cell: text(from.cell)
  };
}

function choiceOf(value: unknown): Choice {
  const from = record(value);
  return from ? { value: text(from.value), label: text(from.label) || text(from.value) } : { value: text(value), label: text(value) };
}

function reached(value: unknown): Reached | null {
  const from = record(value);
  return from && text(from.lesson)
    ? { lesson: text(from.lesson), title: text(from.title) || text(from.lesson), done: number(from.done) ?? 0, total: number(from.total) ?? 0 }
    : null;
}

function record(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function texts(value: unknown): string[] {
  return list(value).map(text).filter(Boolean);
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
