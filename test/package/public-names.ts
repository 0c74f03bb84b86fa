/** Reads from the emitted declarations what an entry gives its users: each exported name, and what lies behind it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync } from '@swc/core';

/**
 * By exported name, what can be written behind it: `size loop? seek() code:http`; of a union, its parts. In order of
 * the alphabet, with what is inherited from other types of the package, without what TypeScript hides from users.
 */
export type PublicNames = Readonly<Record<string, string>>;

interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A declaration, and the file whose imports its names come from. */
interface Declared {
  readonly file: string;
  readonly node: Node;
}

/**
 * @param entry a `.d.ts` file, with specifiers that end in `.ts`
 * @param kind a class is a value; types are gone at run time
 */
export function publicNames(entry: string, kind: 'values' | 'types'): PublicNames {
  const names: Record<string, string> = {};
  for (const statement of parse(entry)) {
    if (statement.type === 'ExportAllDeclaration') Object.assign(names, publicNames(linked(entry, statement), kind));
    if (statement.type !== 'ExportNamedDeclaration') continue;
    for (const specifier of nodes(statement['specifiers'])) {
      const isType = statement['typeOnly'] === true || specifier['isTypeOnly'] === true;
      if (isType !== (kind === 'types')) continue;
      names[text(specifier['exported'] ?? specifier['orig'])] = membersOf(follow(entry, statement, specifier)).join(
        ' ',
      );
    }
  }
  return names;
}

function parse(file: string): Node[] {
  return nodes(parseSync(readFileSync(file, 'utf8'), { syntax: 'typescript' }).body);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function nodes(value: unknown): Node[] {
  return Array.isArray(value) ? value.filter(isNode) : [];
}

function child(node: Node, field: string): Node {
  const value = node[field];
  if (!isNode(value)) throw new Error(`A ${node.type} without ${field}.`);
  return value;
}

function text(value: unknown): string {
  if (!isNode(value) || typeof value['value'] !== 'string') throw new Error('Expected an identifier or a string.');
  return value['value'];
}

/** The file that an import or re-export names. */
function linked(file: string, link: Node): string {
  return path.join(path.dirname(file), text(link['source']).replace(/\.ts$/, '.d.ts'));
}

function follow(file: string, link: Node, specifier: Node): Declared {
  return find(linked(file, link), text(specifier['imported'] ?? specifier['orig'] ?? specifier['local']));
}

/** Where a name is declared, through any number of imports and re-exports. */
function find(file: string, name: string): Declared {
  for (const statement of parse(file)) {
    const node = isNode(statement['declaration']) ? statement['declaration'] : statement;
    if (isNode(statement['source'])) {
      const isIt = (one: Node): boolean => text(one['local'] ?? one['exported'] ?? one['orig']) === name;
      const specifier = nodes(statement['specifiers']).find(isIt);
      if (specifier) return follow(file, statement, specifier);
    } else if (declaredName(node) === name) return { file, node };
  }
  throw new Error(`${file} neither declares nor imports ${name}.`);
}

function declaredName(node: Node): string | undefined {
  const [variable] = nodes(node['declarations']);
  const name = node['identifier'] ?? node['id'] ?? variable?.['id'];
  return isNode(name) && name.type === 'Identifier' ? text(name) : undefined;
}

function membersOf({ file, node }: Declared): string[] {
  switch (node.type) {
    case 'FunctionDeclaration':
      return [];
    case 'VariableDeclaration':
      return nodes(node['declarations']).flatMap((one) => typeParts(annotation(child(one, 'id'))));
    case 'TsTypeAliasDeclaration':
      return typeParts(child(node, 'typeAnnotation'));
    case 'TsInterfaceDeclaration':
      return ownAndInherited(
        nodes(child(node, 'body')['body']).map(member),
        nodes(node['extends']).flatMap((base) => baseMembers(file, base['expression'], base['typeArguments'])),
      );
    case 'ClassDeclaration':
      return ownAndInherited(nodes(node['body']).flatMap(classMember), baseMembers(file, node['superClass']));
    default:
      throw new Error(`${file}: what is a public ${node.type}?`);
  }
}

function ownAndInherited(own: readonly string[], inherited: readonly string[]): string[] {
  const names = new Set(own.map(bareName));
  return [...new Set([...own, ...inherited.filter((one) => !names.has(bareName(one)))])].toSorted();
}

/** Nothing of `Phaser.Sound.BaseSound` and its kin, nor of `Error`: what they have is theirs to keep. */
function baseMembers(file: string, base: unknown, typeArguments?: unknown): string[] {
  if (!isNode(base) || base.type !== 'Identifier' || text(base) === 'Error') return [];
  if (text(base) !== 'Omit') return membersOf(find(file, text(base)));
  const [from, left] = isNode(typeArguments) ? nodes(typeArguments['params']) : [];
  if (!from || !left) throw new Error(`${file}: Omit of what?`);
  const omitted = new Set(typeParts(left));
  return baseMembers(file, from['typeName']).filter((one) => !omitted.has(bareName(one)));
}

/** The parts of a union, the members of an object; nothing of types that are computed. */
function typeParts(type: Node): string[] {
  switch (type.type) {
    case 'TsUnionType':
      return nodes(type['types']).flatMap(typeParts).toSorted();
    case 'TsLiteralType':
      return [text(type['literal'])];
    case 'TsTypeReference':
      return [text(type['typeName'])];
    case 'TsTypeLiteral':
      return nodes(type['members']).map(member).toSorted();
    default:
      return [];
  }
}

function annotation(node: Node): Node {
  return child(child(node, 'typeAnnotation'), 'typeAnnotation');
}

function classMember(node: Node): string[] {
  const isHidden = node['accessibility'] === 'private' || node['accessibility'] === 'protected';
  const isNamed = isNode(node['key']) && node['key'].type === 'Identifier'; // neither #private nor a symbol
  return isHidden || !isNamed || node.type === 'Constructor' ? [] : [member(node)];
}

function member(node: Node): string {
  const name = text(node['key']);
  const isMethod = node.type === 'TsMethodSignature' || (node.type === 'ClassMethod' && node['kind'] === 'method');
  if (isMethod) return `${name}()`;
  if (node['optional'] === true || node['isOptional'] === true) return `${name}?`;
  return [name, ...literalOf(node)].join(':');
}

/** What `readonly code = 'http'` and `readonly READY: 'ready'` say besides the name. */
function literalOf(node: Node): string[] {
  if (isNode(node['value'])) return [text(node['value'])];
  const isLiteral = isNode(node['typeAnnotation']) && annotation(node).type === 'TsLiteralType';
  return isLiteral ? typeParts(annotation(node)) : [];
}

function bareName(rendered: string): string {
  return rendered.replace(/\W.*$/, '');
}
