/**
 * Unit tests run in Node; `*.properties.test.ts` do so for thousands of random cases. `*.browser.test.ts` drive Chromium
 * and get a built demo and harness page; `*.engines.test.ts` do so in Chromium, Firefox and WebKitGTK;
 * `*.servers.test.ts` start real HTTP servers; `*.corpus.test.ts` compare with FFmpeg and SoX; `*.package.test.ts` install
 * the packed package as its users do; `*.soak.test.ts` plays for hours.
 */
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
      testPathIgnorePatterns: ['\\.(properties|browser|engines|soak|servers|package|corpus)\\.test\\.ts$'],
    },
    { ...shared, displayName: 'properties', testMatch: ['**/*.properties.test.ts'] },
    {
      ...shared,
      displayName: 'browser',
      testMatch: ['**/*.browser.test.ts'],
      globalSetup: '<rootDir>/test/support/global-setup.mjs',
    },
    {
      ...shared,
      displayName: 'engines',
      testMatch: ['**/*.engines.test.ts'],
      globalSetup: '<rootDir>/test/support/global-setup.mjs',
    },
    {
      ...shared,
      displayName: 'soak',
      testMatch: ['**/*.soak.test.ts'],
      globalSetup: '<rootDir>/test/support/global-setup.mjs',
    },
    { ...shared, displayName: 'servers', testMatch: ['**/*.servers.test.ts'] },
    {
      ...shared,
      displayName: 'corpus',
      testMatch: ['**/*.corpus.test.ts'],
      globalSetup: '<rootDir>/test/support/global-setup.mjs',
    },
    {
      ...shared,
      displayName: 'package',
      testMatch: ['**/*.package.test.ts'],
      globalSetup: '<rootDir>/test/support/package-setup.mjs',
    },
  ],
};
