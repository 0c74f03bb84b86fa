/** FFmpeg and SoX, which make the corpus and decode it beside us. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../support/local-process.ts';

const INSTALL = 'apt-get install -y --no-install-recommends ffmpeg sox';
const MOST_OUTPUT_BYTES = 2 ** 28;

const run = promisify(execFile);

/** Runs FFmpeg; gives what it writes to its standard output. @throws with what to install where it is missing */
export async function ffmpeg(...args: readonly string[]): Promise<Buffer> {
  return runTool('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args]);
}

/** Runs SoX; gives what it writes to its standard output. @throws with what to install where it is missing */
export async function sox(...args: readonly string[]): Promise<Buffer> {
  return runTool('sox', ['-V1', '-D', ...args]); // no dither: the same samples each time
}

async function runTool(name: string, args: readonly string[]): Promise<Buffer> {
  const program = findProgram([name], INSTALL);
  const { stdout } = await run(program, args, { encoding: 'buffer', maxBuffer: MOST_OUTPUT_BYTES });
  return stdout;
}

/** Decodes audio files with one FFmpeg, each to 32-bit samples in full scale, in the file's own channel order. */
export async function decodeWithFfmpeg(files: readonly string[]): Promise<string[]> {
  const decoded = files.map((file) => `${file}.s32`);
  await ffmpeg(
    ...files.flatMap((file) => ['-i', file]),
    ...decoded.flatMap((file, index) => ['-map', String(index), '-f', 's32le', file]),
  );
  return decoded;
}

/** Lends a folder that is gone afterwards. */
export async function withFolder<Value>(work: (folder: string) => Promise<Value>): Promise<Value> {
  const folder = mkdtempSync(path.join(tmpdir(), 'test-corpus-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
