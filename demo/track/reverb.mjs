import { SAMPLE_RATE } from './voices.mjs';

const BLOCK_FRAMES = 1024; // at most the shortest line, so that a block never reads what it writes
const LINE_FRAMES = [1201, 1399, 1583, 1847, 2029, 2273, 2531, 2843]; // mutually prime, so that echoes never pile up
const DIFFUSER_FRAMES = [229, 373]; // smear each onset before it enters the lines
const DIFFUSION = 0.6;
const DECAY_SECONDS = 2; // to -60 dB
const BRIGHTNESS = 0.45; // 0 to 1: the lower, the more of the high tones the walls swallow
const WET_GAIN = 0.17;

/**
 * Adds a small hall to both channels, in place: a feedback delay network of eight lines mixed by a Householder matrix.
 *
 * @param {{ left: Float32Array, right: Float32Array }} channels
 */
export function addReverb({ left, right }) {
  const room = openRoom();
  for (let start = 0; start < left.length; start += BLOCK_FRAMES) {
    const end = Math.min(start + BLOCK_FRAMES, left.length);
    processBlock(room, left.subarray(start, end), right.subarray(start, end));
  }
}

function openRoom() {
  return {
    lines: LINE_FRAMES.map((length) => ({
      memory: new Float32Array(length),
      position: 0,
      damped: 0,
      feedback: 0.001 ** (length / (DECAY_SECONDS * SAMPLE_RATE)),
      echoes: new Float32Array(BLOCK_FRAMES),
    })),
    sides: [0, 1].map(() => ({
      input: new Float32Array(BLOCK_FRAMES),
      diffusers: DIFFUSER_FRAMES.map((length) => ({ memory: new Float32Array(length), position: 0 })),
    })),
    sum: new Float32Array(BLOCK_FRAMES),
  };
}

function processBlock({ lines, sides, sum }, left, right) {
  const frames = left.length;
  for (const [side, channel] of [left, right].entries()) {
    const { input, diffusers } = sides[side];
    input.set(channel);
    for (const diffuser of diffusers) diffuse(diffuser, input, frames);
  }
  sum.fill(0);
  for (const line of lines) readEchoes(line, sum, frames);
  for (const [index, line] of lines.entries()) {
    const side = index % 2;
    addEchoes(line.echoes, side === 0 ? left : right, index % 4 < 2 ? WET_GAIN : -WET_GAIN);
    writeLine(line, sides[side].input, sum, frames);
  }
}

function diffuse(diffuser, samples, frames) {
  const { memory } = diffuser;
  let { position } = diffuser;
  for (let frame = 0; frame < frames; frame++) {
    const delayed = memory[position];
    const entering = samples[frame] - DIFFUSION * delayed;
    memory[position] = entering;
    samples[frame] = delayed + DIFFUSION * entering;
    if (++position === memory.length) position = 0;
  }
  diffuser.position = position;
}

function readEchoes(line, sum, frames) {
  const { memory, echoes, feedback } = line;
  let { position, damped } = line;
  for (let frame = 0; frame < frames; frame++) {
    damped += BRIGHTNESS * (memory[position] - damped);
    echoes[frame] = feedback * damped;
    sum[frame] += echoes[frame];
    if (++position === memory.length) position = 0;
  }
  line.damped = damped;
}

function addEchoes(echoes, channel, gain) {
  for (let frame = 0; frame < channel.length; frame++) channel[frame] += gain * echoes[frame];
}

// A Householder reflection: every line hands its energy to all the others and none is lost.
function writeLine(line, input, sum, frames) {
  const { memory, echoes } = line;
  let { position } = line;
  for (let frame = 0; frame < frames; frame++) {
    memory[position] = input[frame] + echoes[frame] - (2 / LINE_FRAMES.length) * sum[frame];
    if (++position === memory.length) position = 0;
  }
  line.position = position;
}
