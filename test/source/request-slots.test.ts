import { afterEach, expect, test } from '@jest/globals';

import { RequestSlots } from '../../plugin/source/request-slots.ts';

const HOST = 'https://cdn.example';
let leaving = new AbortController();

/** Whoever still waits goes. */
afterEach(() => {
  leaving.abort();
  leaving = new AbortController();
});

/** Takes slots by name, and tells in which order they were had. */
function takeInOrder(slots: RequestSlots, host = HOST) {
  const entered: string[] = [];
  const take = (name: string, isUrgent: () => boolean = () => true, { signal } = leaving) => {
    const taking = slots.take(host, { isUrgent, signal });
    taking.then(
      () => entered.push(name),
      () => entered.push(`${name} left`),
    );
    return taking;
  };
  return { entered, take };
}

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test('a host is asked four things at once, each other host for itself', async () => {
  const slots = new RequestSlots();
  const { entered, take } = takeInOrder(slots);
  const first = take('1');
  for (const name of ['2', '3', '4', '5', '6']) void take(name);
  void takeInOrder(slots, 'https://other.example').take('other');
  await settle();
  expect(entered).toEqual(['1', '2', '3', '4']);
  const free = await first;
  free();
  free();
  await settle();
  expect(entered).toEqual(['1', '2', '3', '4', '5']);
});

test('reading ahead takes two, and lets those go first who are waited for', async () => {
  const slots = new RequestSlots();
  const { entered, take } = takeInOrder(slots);
  const free = await take('ahead 1', () => false);
  for (const name of ['ahead 2', 'ahead 3']) void take(name, () => false);
  for (const name of ['urgent 1', 'urgent 2', 'urgent 3']) void take(name);
  await settle();
  expect(entered).toEqual(['ahead 1', 'ahead 2', 'urgent 1', 'urgent 2']);
  free();
  await settle();
  expect(entered.at(-1)).toBe('urgent 3');
});

test('what becomes urgent enters soon, by itself', async () => {
  const slots = new RequestSlots();
  const { entered, take } = takeInOrder(slots);
  let isUrgent = false;
  for (const name of ['ahead 1', 'ahead 2']) void take(name, () => false);
  void take('late', () => isUrgent);
  await settle();
  expect(entered).toEqual(['ahead 1', 'ahead 2']);
  isUrgent = true;
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(entered).toEqual(['ahead 1', 'ahead 2', 'late']);
});

test('one who leaves the queue is not waited for', async () => {
  const slots = new RequestSlots();
  const { entered, take } = takeInOrder(slots);
  const free = await take('1');
  for (const name of ['2', '3', '4']) void take(name);
  const early = new AbortController();
  const left = take('5', () => true, early);
  void take('6');
  early.abort('enough');
  await expect(left).rejects.toBe('enough');
  free();
  await settle();
  expect(entered).toEqual(['1', '2', '3', '4', '5 left', '6']);
});
