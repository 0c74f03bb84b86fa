/**
 * Tests of sound are real time: where other work takes the machine for a moment, the sound card's thread starves, and a
 * silence is heard that no page has made. What is wrong fails again at once; the first failure is printed all the same.
 */
import { jest } from '@jest/globals';

jest.retryTimes(1, { logErrorsBeforeRetry: true, retryImmediately: true });
