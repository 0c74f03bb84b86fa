/** Makes a script for a page out of a file of `page/`, which runs before the page's own and has no imports. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { transformSync } from '@swc/core';

export function pageScript(name: string): string {
  const source = readFileSync(path.join(import.meta.dirname, 'page', name), 'utf8');
  const { code } = transformSync(source, {
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
  });
  return `(() => { const exports = {};\n${code}\n})();`;
}
