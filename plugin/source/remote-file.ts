/** What is known of the file behind a URL; every answer must belong to that one version of it. */

import { type ByteRange, InvalidRangeResponseError, ResourceChangedError } from '../errors.ts';
import { agree, areComparable, contradict, mergeValidators, type Validators, versionOf } from './content-range.ts';
import type { RangeAnswer } from './range-answer.ts';

/** The validators that some servers renew with every answer, although the file stays as it is. */
export type Renewable = 'etag' | 'lastModified';

/** What the cache records of a file. */
export interface KnownFile extends Validators {
  /** The final URL, after redirects. */
  readonly url: string;
  /** The complete length in bytes. */
  readonly size: number;
  /** The validators found to tell nothing. */
  readonly distrusted?: readonly Renewable[] | undefined;
  /** True where nothing shows which bytes the server's ranges bring. */
  readonly isHidden?: boolean | undefined;
}

const RENEWABLE: readonly Renewable[] = ['etag', 'lastModified'];

const UNKNOWN: Validators = { etag: undefined, lastModified: undefined, size: undefined };

export class RemoteFile {
  /** As it is asked for. */
  readonly requestUrl: string;
  #url: string;
  readonly #distrusted: Set<Renewable>;
  #validators: Validators;
  #latestEnd = Infinity;
  #isKnown: boolean;
  /** True once the server has answered a range with that range. */
  #isRanged = false;
  #isHidden: boolean;
  #isStorable = true;

  constructor(requestUrl: string, known?: KnownFile) {
    this.requestUrl = requestUrl;
    this.#url = known?.url ?? requestUrl;
    this.#isKnown = known !== undefined;
    this.#isHidden = known?.isHidden ?? false;
    this.#distrusted = new Set(known?.distrusted);
    this.#validators = mergeValidators(known ?? UNKNOWN, UNKNOWN);
  }

  /** True once an answer, or the cache's record of a former one, has shown what the file is. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** True where nothing shows which bytes the server's ranges bring. */
  get isHidden(): boolean {
    return this.#isHidden;
  }

  /** False once the server has forbidden to store the file. */
  get isStorable(): boolean {
    return this.#isStorable;
  }

  /** What is worth recording; `undefined` while the size is unknown. */
  get known(): KnownFile | undefined {
    const { size } = this.#validators;
    if (size === undefined) return undefined;
    return { ...this.#validators, size, url: this.#url, distrusted: [...this.#distrusted], isHidden: this.#isHidden };
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

  /** False where `received` belongs to another version of the file. */
  agrees(received: Validators): boolean {
    return agree(this.#validators, this.#trusted(received));
  }

  /** Two answers in a row contradict the file's validators: those that contradict each other too tell nothing. */
  distrust(received: Validators, next: Validators): void {
    for (const name of RENEWABLE) {
      const isNew = contradict(this.#validators[name], received[name]) && contradict(received[name], next[name]);
      if (!isNew) continue;
      this.#distrusted.add(name);
      this.#validators = { ...this.#validators, [name]: undefined };
    }
  }

  /**
   * Takes an answer only if it belongs to this version of the file, and learns what it shows.
   *
   * @throws `resource-changed`, `invalid-range-response`
   */
  accept(answer: RangeAnswer, requested: ByteRange): void {
    const isSame = this.agrees(answer.validators);
    // A server that has ranges does not stop having them, and no file turns into a page: this comes from another server,
    // a captive portal for example.
    const isSuspect = answer.isWhole && (this.#isRanged || (this.#isKnown && answer.isPage));
    if (isSuspect && !(isSame && areComparable(this.#validators, answer.validators))) {
      throw new InvalidRangeResponseError(this.requestUrl, requested, 'another file, whole');
    }
    if (!isSame) {
      throw new ResourceChangedError(this.requestUrl, versionOf(this.#validators), versionOf(answer.validators));
    }
    this.#isKnown = true;
    this.#isRanged ||= answer.status === 206;
    this.#isHidden ||= answer.isHidden;
    this.#isStorable &&= answer.isStorable;
    this.learn(answer.validators);
  }

  redirect(url: string): void {
    if (url !== '') this.#url = url;
  }

  /** Holds every further answer to `validators` as well. */
  learn(validators: Validators): void {
    this.#validators = mergeValidators(this.#validators, this.#trusted(validators));
  }

  learnSize(size: number): void {
    this.learn({ ...UNKNOWN, size });
  }

  /** Nothing was found at `position`: the file ends there, or anywhere before. */
  learnNothingAt(position: number): void {
    this.#latestEnd = Math.min(this.#latestEnd, position);
  }

  #trusted(validators: Validators): Validators {
    const trusted = { ...validators };
    for (const name of this.#distrusted) trusted[name] = undefined;
    return trusted;
  }
}
