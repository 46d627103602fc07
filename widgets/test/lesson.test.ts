import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STEP_STATES, lessonOf, nextStep } from '../src/lesson';
import type { Change } from '../src/store';
import { WHOLE, header, storeWith } from './sample';

const STATE = {
  lesson: '09', title: 'Frames', number: 9, minutes: 40, objectives: ['see'], done: 1, total: 2,
  steps: [
    { id: 's', kind: 'section', title: 'Load' },
    { id: 'p1', kind: 'predict', title: 'Rows?', state: 'passed', choices: ['once', { value: 'b', label: 'b) twice' }], answer: [4, 1] },
    { id: 'ex1', kind: 'exercise', title: 'Mean', state: 'not_attempted', hints: ['look'], hints_left: 2, views: ['chunks'], cell: 'c1' }
  ],
  overall: [{ lesson: '00', title: 'Start', done: 4, total: 4 }]
};

test('a lesson is read as the kernel tells it', () => {
  const lesson = lessonOf(STATE)!;
  assert.deepEqual([lesson.title, lesson.done, lesson.total, lesson.overall.length], ['Frames', 1, 2, 1]);
  assert.deepEqual(lesson.steps[1].choices, [{ value: 'once', label: 'once' }, { value: 'b', label: 'b) twice' }]);
  assert.equal(lesson.steps[1].answer, '4, 1');
  assert.deepEqual([lesson.steps[2].hintsLeft, lesson.steps[2].cell, [...lesson.steps[2].views]], [2, 'c1', ['chunks']]);
  assert.equal(nextStep(lesson)?.id, 'ex1');
});

test('what is missing or strange is left out, and nothing breaks', () => {
  assert.equal(lessonOf(null), null);
  assert.equal(lessonOf({ steps: 'none' }), null);
  const lesson = lessonOf({ lesson: 'x', steps: [null, 7, { id: 'a', state: 'flying', views: 'all', hints: [1, null] }, {}] })!;
  assert.equal(lesson.steps.length, 1);
  assert.deepEqual([lesson.steps[0].state, lesson.steps[0].title, lesson.steps[0].views.length, lesson.steps[0].hints], ['open', 'a', 0, ['1']]);
  assert.deepEqual([lesson.done, lesson.total, lesson.number], [0, 1, null]);
});

test('every state has a word and a shape of its own, but for the two that both are to do', () => {
  const shapes = Object.values(STEP_STATES).map(state => state.word + state.shape);
  assert.equal(new Set(shapes).size, shapes.length - 1);
});

test('of two versions of a topic the newer one stays, and another session forgets it', () => {
  const store = storeWith(WHOLE);
  const told: Change[] = [];
  store.on(change => told.push(change));
  store.receiveTopics([{ session: 's', name: 'lesson', version: 2, state: { n: 2 } }]);
  store.receiveTopics([{ session: 's', name: 'lesson', version: 1, state: { n: 1 } }]);
  assert.deepEqual(store.topic('lesson'), { n: 2 });
  assert.deepEqual(told, ['topic']);
  store.receive([{ ...header(1), session: 't' }]);
  assert.equal(store.topic('lesson'), null);
  assert.ok(told.includes('run') && told.filter(change => change === 'topic').length === 2);
  store.receiveTopics([{ session: 'u', name: 'lesson', version: 1, state: {} }]);
  assert.equal(store.runs.size, 0);
});
