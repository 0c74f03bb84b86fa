/** What is known of the file behind a URL; every answer must belong to that one version of it. */

import { type ByteRange, InvalidRangeResponseError, ResourceChangedError } from '../errors.ts';
import { agree, areComparable, mergeValidators, type Validators, versionOf } from './content-range.ts';
import type { RangeAnswer } from './range-answer.ts';

/** A file's final URL and validators as the cache has recorded them. */
export interface KnownFile extends Validators {
  readonly url: string;
}

const UNKNOWN: Validators = { etag: undefined, lastModified: undefined, size: undefined };

export class RemoteFile {
  /** As it is asked for. */
  readonly requestUrl: string;
  #url: string;
  #validators: Validators;
  #latestEnd = Infinity;
  /** True once the server has answered a range with that range. */
  #isRanged = false;

  constructor(requestUrl: string, known?: KnownFile) {
    this.requestUrl = requestUrl;
    this.#url = known?.url ?? requestUrl;
    this.#validators = mergeValidators(known ?? UNKNOWN, UNKNOWN);
  }

  /** The final URL, after redirects. */
  get url(): string {
    return this.#url;
  }

  /** All that the answers so far have shown. */
  get validators(): Validators {
    return this.#validators;
  }

  /** The complete length in bytes. */
  get size(): number | undefined {
    return this.#validators.size;
  }

  /** The byte at which the file ends, or else one where nothing was found; infinite where nothing tells. */
  get latestEnd(): number {
    return this.size ?? this.#latestEnd;
  }

  /**
   * Takes an answer only if it belongs to this version of the file, and learns what it shows.
   *
   * @throws `resource-changed`, `invalid-range-response`
   */
  accept(answer: RangeAnswer, requested: ByteRange): void {
    const isSame = agree(this.#validators, answer.validators);
    // A server that has ranges does not stop having them: this is another one's page, a captive portal's for example.
    if (answer.isWhole && this.#isRanged && !(isSame && areComparable(this.#validators, answer.validators))) {
      throw new InvalidRangeResponseError(this.requestUrl, requested, 'another file, whole');
    }
    if (!isSame) {
      throw new ResourceChangedError(this.requestUrl, versionOf(this.#validators), versionOf(answer.validators));
    }
    this.#isRanged ||= answer.status === 206;
    this.learn(answer.validators);
  }

  redirect(url: string): void {
    if (url !== '') this.#url = url;
  }

  /** Holds every further answer to `validators` as well. */
  learn(validators: Validators): void {
    this.#validators = mergeValidators(this.#validators, validators);
  }

  learnSize(size: number): void {
    this.learn({ ...UNKNOWN, size });
  }

  /** Nothing was found at `position`: the file ends there, or anywhere before. */
  learnNothingAt(position: number): void {
    this.#latestEnd = Math.min(this.#latestEnd, position);
  }
}
