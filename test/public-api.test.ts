import { beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { type PublicNames, publicNames } from './package/public-names.ts';

// What users may rely on, entry by entry: `loop?` is an option, `seek()` a method, `code:http` a constant. A name that
// goes or changes breaks their code.

const CORE = {
  values: {
    openAudioCache: '',
    openSeekableStream: '',
    isStreamingAudioError: '',
    StreamingAudioError: 'code',
    CacheFullError: 'availableBytes code:cache-full neededBytes url',
    ClosedError: 'code:closed what',
    HttpError: 'code:http requested? status statusText url',
    InvalidArgumentError: 'argument code:invalid-argument expected received',
    InvalidRangeResponseError: 'code:invalid-range-response received requested url',
    MalformedWavError: 'code:malformed-wav offset reason',
    NetworkError: 'blockedByCors code:network requested url',
    PlaybackError: 'code:playback reason url',
    RangeNotSupportedError: 'code:range-not-supported url',
    ResourceChangedError: 'code:resource-changed expectedVersion receivedVersion url',
    TimeoutError: 'code:timeout requested? timeoutMs url waitedFor',
    UnsupportedFormatError: 'code:unsupported-format offset reason',
    UnsupportedPlatformError: 'code:unsupported-platform missing',
  },
  types: {
    AudioCache: 'clear() close() download() entries() pin() ready() remove() unpin() usage()',
    AudioCacheEntry: 'cachedBytes complete lastUsed pinned size url version',
    AudioCacheOptions: 'maxBytes? name? persist?',
    AudioCacheUsage: 'bytes maxBytes quotaBytes',
    DownloadOptions: `cacheKey? credentials? fetch? headers? onProgress? refreshUrl? requireRange? retry? signal?
      timeouts?`,
    DownloadProgress: 'loadedBytes totalBytes',
    CallOptions: 'signal?',
    SeekableStream: 'close() closed read() readInto() seek() size tell() url',
    SeekableStreamOptions: `blockBytes? cache? cacheKey? credentials? fetch? headers? readAheadBytes? refreshUrl? requireRange?
      retry? signal?
      timeouts?`,
    Whence: 'current end start',
    RequestOptions: 'cacheKey? credentials? fetch? headers? refreshUrl? requireRange? retry? timeouts?',
    RetryOptions: 'baseDelayMs? maxDelayMs? tries?',
    TimeoutOptions: 'firstByteMs? stallMs?',
    ByteRange: 'end start',
    StreamingAudioErrorCode: '',
    AnyStreamingAudioError: `CacheFullError ClosedError HttpError InvalidArgumentError InvalidRangeResponseError
      MalformedWavError NetworkError PlaybackError RangeNotSupportedError ResourceChangedError TimeoutError
      UnsupportedFormatError UnsupportedPlatformError`,
  },
};

const HOWLER = {
  values: {
    ...CORE.values,
    openStreamingHowl: '',
    StreamingHowl: `buffered cached crossFade() dispose() duration element fade() hasSound() howl loop loopEnd loopStart
      markers mute off on pause() play() position rate ready seek() setRegion() settle() state stats stop() url volume`,
  },
  types: {
    ...CORE.types,
    StreamingHowlOptions: `buffer? cache? fadeIn? loop? loopEnd? loopStart? mute? rate? request? retry? tier? timeouts?
      volume?`,
    StreamingHowlEvents: 'changed end error looped markers paused playing progress ready response resumed waiting',
    StreamingState: 'complete failed opening paused playing ready stopped waiting',
    StreamingOptions: 'buffer? cache? request? retry? tier? timeouts?',
    BufferOptions: 'aheadBytes? aheadSeconds? behindSeconds?',
    PlayRegion: 'end loop loopEnd loopStart',
    OpeningResponse: 'fromCache status statusText url',
    SoundStats: 'bytesFromCache bytesReceived firstSoundAt requestedAt requests tier waitsFor',
    StreamingStats: 'bytesFromCache bytesReceived requests tier',
    Tier: 'blob managed-media-source media-source',
    TierChoice: 'Tier auto',
    TimeRange: '',
    TrackMarker: 'end name start',
  },
};

/** What `StreamingSound` adds to `Phaser.Sound.BaseSound`, or makes its own. */
const SOUND = `addMarker() applyConfig() buffered cached calculateRate() crossFade() destroy() detune fade() loop loopEnd loopStart
  mute onBlur() onFocus() output pan pause() play() rate ready removeMarker() resume() seek setDetune() setLoop() setMute() setPan()
  setRate() setSeek() setVolume() state stats stop() tags update() updateMarker() updateMute() updateVolume() url volume x y`;

const INDEX = {
  values: {
    ...HOWLER.values,
    StreamingBar: 'preUpdate() sound',
    StreamingAudioPlugin: 'add() addAudioSprite() cache destroy() init() play() playAudioSprite()',
    StreamingSound: SOUND,
    StreamingSoundEvents: `CHANGED:changed ERROR:error PLAYING:playing PROGRESS:progress READY:ready RESPONSE:response
      WAITING:waiting`,
  },
  types: {
    ...HOWLER.types,
    AudioSprite: 'spritemap',
    AudioSpriteRange: 'end loop? start',
    AudioSpriteSound: '',
    StreamingAudioPluginData: 'buffer? cache? request? retry? tier? timeouts?',
    StreamingAudioFileConfig: 'jsonURL? key maxRetries? url?',
    StreamingAudioFileArguments: '',
    StreamingBarStyle: 'background? buffered? cached? height? played? playhead? width?',
    StreamingSoundConfig: 'buffer? cache? fadeIn? loopEnd? loopStart? request? retry? tier? timeouts?',
  },
};

const ROOT = path.join(import.meta.dirname, '..');
const TYPES = path.join(ROOT, 'node_modules/.cache/public-api');

beforeAll(() => {
  const compiler = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '--project', path.join(ROOT, 'plugin'), '--outDir', TYPES], {
    stdio: 'inherit',
  });
});

describe.each([
  ['phaser-streaming-audio', 'index.d.ts', INDEX],
  ['phaser-streaming-audio/howler', 'howler.d.ts', HOWLER],
  ['phaser-streaming-audio/core', 'core.d.ts', CORE],
])('%s', (_, file, promised) => {
  test.each(['values', 'types'] as const)('exports the %s it promises, and no others', (kind) => {
    expect(publicNames(path.join(TYPES, file), kind)).toEqual(onOneLine(promised[kind]));
  });
});

function onOneLine(names: PublicNames): PublicNames {
  return Object.fromEntries(Object.entries(names).map(([name, members]) => [name, members.replace(/\s+/g, ' ')]));
}
