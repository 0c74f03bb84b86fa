/**
 * For tests that record what three engines play, and no others: they are real time. Where other work takes the machine
 * for a moment, the sound card's thread starves, and a silence is heard that no page has made.
 */
import { jest } from '@jest/globals';

/** Lets a test of this file that fails try once more, at once; its first failure is printed all the same. */
export function allowSecondTry(): void {
  jest.retryTimes(1, { logErrorsBeforeRetry: true, retryImmediately: true });
}
