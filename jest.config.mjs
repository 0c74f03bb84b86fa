/** Unit tests run in Node; `*.browser.test.ts` drive a real browser and get a built demo and harness page. */
const shared = {
  roots: ['<rootDir>/test'],
  testEnvironment: 'node',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
};

export default {
  maxWorkers: 1, // sound is real time: two browsers on two cores would starve each other
  testTimeout: 30_000, // a browser starts in one, and waits in tests end in less
  reporters: ['default', '<rootDir>/test/support/plain-reporter.cjs'],
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['**/*.test.ts'],
      testPathIgnorePatterns: ['\\.browser\\.test\\.ts$'],
    },
    {
      ...shared,
      displayName: 'browser',
      testMatch: ['**/*.browser.test.ts'],
      globalSetup: '<rootDir>/test/support/global-setup.mjs',
    },
  ],
};
