/** What Phaser's own type declarations say that a class of `Phaser.Sound` has. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync } from '@swc/core';

const DECLARATIONS = path.join(import.meta.dirname, '../../node_modules/phaser/types/phaser.d.ts');

/** Names of a class's public members, without those it inherits. */
export function declaredMembers(className: string): string[] {
  const [declaration] = parseSync(classText(className), { syntax: 'typescript' }).body;
  if (declaration?.type !== 'ClassDeclaration') throw new Error(`${className} is no class.`);
  const names = declaration.body.flatMap((member) => {
    const isNamed = 'key' in member && member.key.type === 'Identifier' && member.type !== 'Constructor';
    const isHidden = 'accessibility' in member && (member.accessibility ?? 'public') !== 'public';
    return isNamed && !isHidden && member.key.type === 'Identifier' ? [member.key.value] : [];
  });
  return [...new Set(names)];
}

/** The class alone: parsing all six megabytes would take seconds. */
function classText(className: string): string {
  const declarations = readFileSync(DECLARATIONS, 'utf8');
  const [, indent = '', text] = new RegExp(`\\n( +)(class ${className} .*?\\n)\\1\\}`, 's').exec(declarations) ?? [];
  if (text === undefined) throw new Error(`Phaser declares no ${className} below ${indent}.`);
  return `declare ${text}}`;
}
