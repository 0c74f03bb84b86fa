import { describe, expect, test } from '@jest/globals';
import { parse, placesIn } from './parse-wav.ts';
import {
  chunk,
  container,
  cueFields,
  type CuePoint,
  data,
  fmt,
  fmtFields,
  labelFields,
  riff,
  smpl,
} from './wav-bytes.ts';

describe('loops', () => {
  test('come from smpl, whose end is the last frame played', () => {
    const file = riff(
      smpl([
        { start: 0, end: 9 },
        { start: 3, end: 3 },
      ]),
      fmt(),
      data(40),
    );
    expect(parse(file).format.loops).toEqual([
      { start: 0, end: 10 },
      { start: 3, end: 4 },
    ]);
  });

  test.each([
    { what: 'ends behind the audio', loop: { start: 0, end: 10 } },
    { what: 'ends before it starts', loop: { start: 5, end: 4 } },
    { what: 'runs to and fro', loop: { type: 1, start: 0, end: 5 } },
    { what: 'runs backward', loop: { type: 2, start: 0, end: 5 } },
  ])('leave out one that $what', ({ loop }) => {
    expect(parse(riff(fmt(), smpl([loop]), data(40))).format.loops).toEqual([]);
  });

  test('are kept unchecked against a length that is not known', () => {
    expect(parse(riff(fmt(), smpl([{ start: 5, end: 1e9 }]), data(40, 0))).format.loops).toEqual([
      { start: 5, end: 1e9 + 1 },
    ]);
  });

  test('are read up to 64', () => {
    const loops = Array.from({ length: 100 }, (_, start) => ({ start, end: start }));
    const found = parse(riff(fmt(), smpl(loops), data(4000))).format.loops;
    expect(found).toHaveLength(64);
    expect(found.at(-1)).toEqual({ start: 63, end: 64 });
  });

  test.each([
    { what: 'claims more loops than it holds', content: smpl([{ start: 0, end: 1 }], 0xffff_ffff), count: 1 },
    {
      what: 'claims fewer',
      content: smpl(
        [
          { start: 0, end: 1 },
          { start: 1, end: 2 },
        ],
        1,
      ),
      count: 1,
    },
    { what: 'is cut short', content: chunk('smpl', Buffer.alloc(35, 1)), count: 0 },
    { what: 'is empty', content: chunk('smpl', Buffer.alloc(0)), count: 0 },
  ])('are $count where smpl $what', ({ content, count }) => {
    expect(parse(riff(fmt(), content, data(40))).format.loops).toHaveLength(count);
  });
});

describe('markers', () => {
  const points: readonly CuePoint[] = [
    { id: 7, start: 6, label: 'chorus', length: 3 },
    { id: 1, start: 2, label: 'é verse' },
    { id: 9, start: 10 },
    { id: 4, start: 0, label: '', length: 0 },
  ];
  const markers = [
    { name: '', start: 0, end: undefined },
    { name: 'é verse', start: 2, end: undefined },
    { name: 'chorus', start: 6, end: 9 },
    { name: '', start: 10, end: undefined },
  ];
  const cue = chunk('cue ', cueFields(points));
  const labels = chunk('LIST', labelFields(points));

  test.each([
    { where: 'ahead of the audio', file: riff(cue, labels, fmt(), data(40)) },
    { where: 'labels first', file: riff(labels, fmt(), cue, data(40)) },
    { where: 'behind the audio', file: riff(fmt(), data(40), cue, labels) },
    { where: 'on both sides of it', file: riff(cue, fmt(), data(40), labels) },
    { where: 'behind audio of odd size', file: riff(fmt(), data(41), labels, cue) },
    { where: 'behind odd audio without padding', file: riff(fmt(), data(41).subarray(0, 49), labels, cue) },
  ])('are cue points with their labels and lengths, $where', ({ file }) => {
    for (const fileSize of [file.length, undefined]) expect(placesIn(file, fileSize).markers).toEqual(markers);
  });

  test('are found in every container that has such chunks', () => {
    for (const name of ['RIFF', 'RF64', 'BW64', 'Wave64'] as const) {
      const file = container(
        name,
        { id: 'fmt ', content: fmtFields() },
        { id: 'data', content: Buffer.alloc(40) },
        { id: 'cue ', content: cueFields(points) },
        { id: 'LIST', content: labelFields(points) },
      );
      expect(placesIn(file, file.length).markers).toEqual(markers);
    }
    const fields = { id: 'cue ', content: cueFields([{ id: 1, start: 3 }]) };
    const big = container('RIFX', { id: 'fmt ', content: fmtFields() }, fields, {
      id: 'data',
      content: Buffer.alloc(40),
    });
    expect(parse(big).format.markers).toEqual([{ name: '', start: 3, end: undefined }]);
  });

  test('may have labels that are no UTF-8', () => {
    const odd = [{ id: 1, start: 0, label: Buffer.from('caf\xe9', 'latin1') }];
    const file = riff(chunk('cue ', cueFields(odd)), chunk('LIST', labelFields(odd)), fmt(), data(40));
    expect(parse(file).format.markers).toEqual([{ name: 'café', start: 0, end: undefined }]);
  });

  test('end with the track, and begin within it', () => {
    const far = [
      { id: 1, start: 9, length: 5 },
      { id: 2, start: 11 },
    ];
    const file = riff(chunk('cue ', cueFields(far)), chunk('LIST', labelFields(far)), fmt(), data(40));
    expect(parse(file).format.markers).toEqual([{ name: '', start: 9, end: 10 }]);
  });

  test.each([
    { what: 'claims more points than it holds', content: cueFields(points, 0xffff_ffff), count: 4 },
    { what: 'claims fewer', content: cueFields(points, 1), count: 1 },
    { what: 'is cut short', content: cueFields(points).subarray(0, 50), count: 1 },
    { what: 'is empty', content: Buffer.alloc(0), count: 0 },
  ])('are $count where cue $what', ({ content, count }) => {
    expect(parse(riff(chunk('cue ', content), fmt(), data(40))).format.markers).toHaveLength(count);
  });

  test('have no names where the labels are cut short or lie', () => {
    for (const content of [labelFields(points).subarray(0, 14), Buffer.from('adtllabl\xff\xff\xff\xff', 'latin1')]) {
      const { format } = parse(riff(cue, chunk('LIST', content), fmt(), data(40)));
      expect(format.markers.map(({ name }) => name)).toEqual(['', '', '', '']);
    }
  });

  test('are read up to 64 KiB', () => {
    const many = Array.from({ length: 10_000 }, (_, id) => ({ id, start: 0 }));
    const file = riff(chunk('cue ', cueFields(many)), chunk('LIST', labelFields(points)), fmt(), data(40));
    const { format, asked } = parse(file);
    expect(format.markers).toHaveLength(Math.floor((2 ** 16 - 4) / 24));
    expect(asked.reduce((sum, { start, end }) => sum + end - start, 0)).toBeLessThan(2 ** 16 + 1000);
  });
});

describe('what follows the audio', () => {
  const places = [smpl([{ start: 1, end: 4 }]), chunk('cue ', cueFields([{ id: 1, start: 3 }]))];

  test('adds to what stands ahead of it', () => {
    const file = riff(chunk('cue ', cueFields([{ id: 1, start: 3 }])), fmt(), data(40), smpl([{ start: 1, end: 4 }]));
    expect(parse(file).format).toMatchObject({ loops: [], markers: [{ start: 3 }] });
    expect(placesIn(file, file.length)).toMatchObject({ loops: [{ start: 1, end: 5 }], markers: [{ start: 3 }] });
  });

  test('is not looked for where the audio reaches to the end of the file', () => {
    for (const file of [riff(fmt(), data(40)), riff(fmt(), data(40, 0), ...places), riff(fmt(), data(39))]) {
      expect(parse(file, file.length).format.trailer).toBeUndefined();
      expect(placesIn(file, file.length)).toMatchObject({ loops: [], markers: [] });
    }
  });

  test('ends with the first chunk that makes no sense', () => {
    const file = riff(
      fmt(),
      data(40),
      ...places,
      chunk('JUNK', Buffer.alloc(2), 0xffff_fff0),
      smpl([{ start: 0, end: 2 }]),
    );
    expect(placesIn(file, file.length).loops).toEqual([{ start: 1, end: 5 }]);
    const many = riff(
      fmt(),
      data(40),
      ...places,
      ...Array.from({ length: 2000 }, () => chunk('JUNK', Buffer.alloc(0))),
    );
    expect(placesIn(many, many.length).loops).toEqual([{ start: 1, end: 5 }]);
    const content = Buffer.alloc(40);
    const wave64 = container(
      'Wave64',
      { id: 'fmt ', content: fmtFields() },
      { id: 'data', content },
      { id: 'junk', content, size: -20 },
    );
    expect(placesIn(wave64, wave64.length)).toEqual({ loops: [], markers: [] });
  });
});
