/** Every error the plugin can raise: one class a cause, one literal `code`, one guard. */

/** The half-open byte range `[start, end)` an error is about. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

interface Details {
  readonly cause?: unknown;
}

interface RequestDetails extends Details {
  readonly requested?: ByteRange | undefined;
}

/** What all errors of this plugin share. Tell them apart by `code`, never by message. */
export abstract class StreamingAudioError extends Error {
  /** What went wrong, stable across versions. */
  abstract readonly code: string;

  constructor(message: string, details: Details = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.name = 'StreamingAudioError'; // the same for all, since minifying would change the names of the classes
  }
}

/** The server answered, but with a status that gives no bytes (404, 500, …). */
export class HttpError extends StreamingAudioError {
  readonly code = 'http';

  constructor(
    readonly url: string,
    readonly status: number,
    readonly statusText: string,
    /** The bytes that were asked for. */
    readonly requested?: ByteRange,
  ) {
    super(
      `${url} answered ${status} ${statusText}${bytesOf(requested)} where 200 or 206 was expected. ` +
        'Check that the URL exists and that this page may read it.',
    );
  }
}

/** No answer arrived: host unreachable, connection lost, or an answer that CORS hides from this page. */
export class NetworkError extends StreamingAudioError {
  readonly code = 'network';
  /** The bytes that were asked for. */
  readonly requested: ByteRange | undefined;

  constructor(
    readonly url: string,
    /** True where a server did answer, but without the CORS header that lets this page read it. */
    readonly blockedByCors: boolean,
    details: RequestDetails = {},
  ) {
    super(
      blockedByCors
        ? `${url} answers, but without an Access-Control-Allow-Origin header for this page. ` +
            'Serve it from the same origin, or add that header on its server.'
        : `No answer, or none to its end, came from ${url}${bytesOf(details.requested)}. The host may be down or unreachable, or the device offline; try again later.`,
      details,
    );
    this.requested = details.requested;
  }
}

/** The server stopped sending within the time allowed. */
export class TimeoutError extends StreamingAudioError {
  readonly code = 'timeout';

  constructor(
    readonly url: string,
    readonly timeoutMs: number,
    readonly waitedFor: 'the first byte' | 'more of the body' | 'the database',
    /** The bytes that were asked for. */
    readonly requested?: ByteRange,
  ) {
    super(
      `${url}: waited ${timeoutMs} ms for ${waitedFor}${bytesOf(requested)}. The link may be too slow; raise \`timeouts\` if it is.`,
    );
  }
}

/** The server sends whole files only, and the caller forbade the forward-only fallback. */
export class RangeNotSupportedError extends StreamingAudioError {
  readonly code = 'range-not-supported';

  constructor(readonly url: string) {
    super(`${url} answered a Range request with the whole file. Enable Range on its server, or allow the fallback.`);
  }
}

/** A 206 that does not hold what was asked for (RFC 9110, sections 14.4 and 15.3.7). */
export class InvalidRangeResponseError extends StreamingAudioError {
  readonly code = 'invalid-range-response';

  constructor(
    readonly url: string,
    readonly requested: ByteRange,
    readonly received: string,
  ) {
    super(
      `${url} was asked for bytes ${requested.start} to ${requested.end - 1} and answered with ${received}. ` +
        'The server or a proxy in between breaks HTTP Range, or a portal asks for a login.',
    );
  }
}

/** The remote file is no longer the one that was opened; its old blocks have been dropped. Open it again. */
export class ResourceChangedError extends StreamingAudioError {
  readonly code = 'resource-changed';

  constructor(
    readonly url: string,
    readonly expectedVersion: string,
    readonly receivedVersion: string,
  ) {
    super(
      `${url} changed while it was open: version ${expectedVersion} became ${receivedVersion}. ` +
        'Open it again to get the new one.',
    );
  }
}

/** The bytes are not a WAV, or one whose header contradicts itself. */
export class MalformedWavError extends StreamingAudioError {
  readonly code = 'malformed-wav';

  constructor(
    readonly reason: string,
    /** Byte offset in the file at which the trouble was found. */
    readonly offset: number,
  ) {
    super(`Not a readable WAV: ${reason} (at byte ${offset}). Check that the URL names an audio file, not a web page.`);
  }
}

/** A valid WAV, of a kind this version does not play. */
export class UnsupportedFormatError extends StreamingAudioError {
  readonly code = 'unsupported-format';

  constructor(
    readonly reason: string,
    readonly offset: number,
  ) {
    super(
      `This WAV cannot be played: ${reason} (at byte ${offset}). Convert it to PCM of 16 or 24 bits with 1 to 8 channels.`,
    );
  }
}

/** The browser lacks what playback needs. */
export class UnsupportedPlatformError extends StreamingAudioError {
  readonly code = 'unsupported-platform';

  constructor(readonly missing: string) {
    super(`This browser cannot stream audio: ${missing}.`);
  }
}

/** A `download` or `pin` needs more room than the cache's budget or the browser's quota allows. */
export class CacheFullError extends StreamingAudioError {
  readonly code = 'cache-full';

  constructor(
    readonly url: string,
    readonly neededBytes: number,
    readonly availableBytes: number,
  ) {
    super(
      `${url} needs ${neededBytes} bytes of cache and ${availableBytes} are to be had. ` +
        'Raise `maxBytes`, or remove or unpin other tracks.',
    );
  }
}

/** The media element gave up. */
export class PlaybackError extends StreamingAudioError {
  readonly code = 'playback';

  constructor(
    readonly url: string,
    readonly reason: string,
    details: Details = {},
  ) {
    super(`${url} could not be played: ${reason}.`, details);
  }
}

/** Something was used after its `close`, `dispose` or `destroy`. */
export class ClosedError extends StreamingAudioError {
  readonly code = 'closed';

  constructor(readonly what: string) {
    super(`${what} is closed. Open it again.`);
  }
}

/** An argument or option has a value outside its range. */
export class InvalidArgumentError extends StreamingAudioError {
  readonly code = 'invalid-argument';

  constructor(
    readonly argument: string,
    readonly expected: string,
    readonly received: unknown,
  ) {
    super(`${argument} must be ${expected}; got ${String(received)}.`);
  }
}

/** Any error of this plugin, discriminated by `code`. */
export type AnyStreamingAudioError =
  | HttpError
  | NetworkError
  | TimeoutError
  | RangeNotSupportedError
  | InvalidRangeResponseError
  | ResourceChangedError
  | MalformedWavError
  | UnsupportedFormatError
  | UnsupportedPlatformError
  | CacheFullError
  | PlaybackError
  | ClosedError
  | InvalidArgumentError;

/** One of the literal codes. */
export type StreamingAudioErrorCode = AnyStreamingAudioError['code'];

/**
 * True where `error` was raised by this plugin and, when codes are given, bears one of them.
 *
 * @example if (isStreamingAudioError(error, 'http', 'network')) showOffline(error.url);
 */
export function isStreamingAudioError<Code extends StreamingAudioErrorCode = StreamingAudioErrorCode>(
  error: unknown,
  ...codes: Code[]
): error is Extract<AnyStreamingAudioError, { code: Code }> {
  return error instanceof StreamingAudioError && (codes.length === 0 || (codes as string[]).includes(error.code));
}

/** For a message: the bytes as HTTP counts them. */
function bytesOf(requested: ByteRange | undefined): string {
  if (requested === undefined) return '';
  const { start, end } = requested;
  return ` (asked for bytes ${start} to ${end === Infinity ? 'the end' : end - 1})`;
}
