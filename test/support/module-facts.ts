/** What a TypeScript module leans on, read from its syntax tree: imports, names it takes from outside, loose statements. */
import { parseSync } from '@swc/core';

export interface ModuleFacts {
  /** Specifiers of every import and re-export, types included. */
  readonly imports: readonly string[];
  /** Names used as values and declared nowhere in the module: `fetch`, and `URL.createObjectURL` for members. */
  readonly outsideNames: ReadonlySet<string>;
  /** Statements that are no explicit re-export, in short. */
  readonly ownStatements: readonly string[];
}

interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

const GLOBAL_OBJECTS = new Set(['globalThis', 'window', 'self']);
/** The nodes of type syntax that have a value inside. */
const TYPED_VALUES = new Set([
  'TsAsExpression',
  'TsConstAssertion',
  'TsInstantiation',
  'TsNonNullExpression',
  'TsParameterProperty',
  'TsSatisfiesExpression',
]);

export function factsOf(source: string): ModuleFacts {
  const body: unknown[] = parseSync(source, { syntax: 'typescript', target: 'es2022' }).body;
  const statements = body.filter(isNode);
  const everyNode = statements.flatMap(nodesBelow);
  const values = statements.filter(({ type }) => !isLink(type)).flatMap(valuesBelow);
  const declared = new Set(everyNode.flatMap(declaredNames));
  const used = values.flatMap(usedNames).filter((name) => !declared.has(name.split('.')[0] ?? name));
  const taken = values.flatMap(takenFromGlobalObject);
  return {
    imports: everyNode.flatMap(importedFrom),
    outsideNames: new Set([...used, ...taken]),
    ownStatements: statements.flatMap(ownStatement),
  };
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** An import or re-export: it names things of other modules, not outside ones. */
function isLink(type: string): boolean {
  return ['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration'].includes(type);
}

function nodesBelow(node: Node): Node[] {
  return [node].concat(childrenOf(node).flatMap(nodesBelow));
}

/** The same without types, which leave nothing behind at run time, and without the names of members. */
function valuesBelow(node: Node): Node[] {
  if (node.type.startsWith('Ts') && !TYPED_VALUES.has(node.type)) return [];
  const isName = (child: Node): boolean =>
    child.type === 'Identifier' && (child === node['key'] || child === node['property']);
  const values = childrenOf(node).filter((child) => !isName(child));
  return [node].concat(values.flatMap(valuesBelow));
}

/** The nodes right below; swc wraps arguments and array elements in objects without a type. */
function childrenOf(holder: object): Node[] {
  return Object.values(holder).flatMap((value: unknown) => {
    if (isNode(value)) return [value];
    return typeof value === 'object' && value !== null ? childrenOf(value) : [];
  });
}

function textOf(value: unknown): string[] {
  return isNode(value) && typeof value['value'] === 'string' ? [value['value']] : [];
}

function importedFrom(node: Node): string[] {
  if (isLink(node.type)) return textOf(node['source']);
  if (node.type === 'TsImportType') return textOf(node['argument']);
  const isDynamic = node.type === 'CallExpression' && isNode(node['callee']) && node['callee'].type === 'Import';
  return isDynamic ? childrenOf(node['arguments'] ?? []).flatMap(textOf) : [];
}

function usedNames(node: Node): string[] {
  if (node.type === 'Identifier') return textOf(node);
  return memberName(node).flatMap((name) => textOf(bare(node['object'])).map((object) => `${object}.${name}`));
}

/** `window.fetch` and `const { fetch } = globalThis`. */
function takenFromGlobalObject(node: Node): string[] {
  if (node.type === 'VariableDeclarator') return isGlobalObject(node['init']) ? keysOf(node['id']) : [];
  return isGlobalObject(node['object']) ? memberName(node) : [];
}

function memberName({ type, property }: Node): string[] {
  if (type !== 'MemberExpression' || !isNode(property)) return [];
  return textOf(property.type === 'Computed' ? property['expression'] : property);
}

function isGlobalObject(value: unknown): boolean {
  return textOf(bare(value)).some((name) => GLOBAL_OBJECTS.has(name));
}

/** An expression without the parentheses and type assertions around it. */
function bare(value: unknown): unknown {
  const isWrapped = isNode(value) && (TYPED_VALUES.has(value.type) || value.type === 'ParenthesisExpression');
  return isWrapped ? bare(value['expression']) : value;
}

/** The keys that a destructuring takes out of its object. */
function keysOf(pattern: unknown): string[] {
  return isNode(pattern) ? childrenOf(pattern['properties'] ?? []).flatMap(({ key }) => textOf(key)) : [];
}

function declaredNames(node: Node): string[] {
  switch (node.type) {
    case 'VariableDeclarator':
      return patternNames(node['id']);
    case 'Parameter':
      return patternNames(node['pat']);
    case 'TsParameterProperty':
    case 'CatchClause':
      return patternNames(node['param']);
    case 'ArrowFunctionExpression':
      return childrenOf(node['params'] ?? []).flatMap(patternNames);
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
      return textOf(node['identifier']);
    case 'ImportSpecifier':
    case 'ImportDefaultSpecifier':
    case 'ImportNamespaceSpecifier':
      return textOf(node['local']);
    default:
      return [];
  }
}

/** The names a destructuring pattern binds: its own identifiers, but neither keys nor default values. */
function patternNames(pattern: unknown): string[] {
  if (!isNode(pattern)) return [];
  switch (pattern.type) {
    case 'Identifier':
      return textOf(pattern);
    case 'AssignmentPattern':
      return patternNames(pattern['left']);
    case 'AssignmentPatternProperty':
      return textOf(pattern['key']);
    case 'KeyValuePatternProperty':
      return patternNames(pattern['value']);
    case 'RestElement':
      return patternNames(pattern['argument']);
    case 'ArrayPattern':
      return childrenOf(pattern['elements'] ?? []).flatMap(patternNames);
    case 'ObjectPattern':
      return childrenOf(pattern['properties'] ?? []).flatMap(patternNames);
    default:
      return [];
  }
}

function ownStatement(statement: Node): string[] {
  const [source] = textOf(statement['source']);
  if (statement.type === 'ExportNamedDeclaration' && source !== undefined) return [];
  if (statement.type === 'ExportAllDeclaration') return [`export * from '${source}'`];
  const isBare = statement.type === 'ImportDeclaration' && childrenOf(statement['specifiers'] ?? []).length === 0;
  return [isBare ? `import '${source}'` : statement.type];
}
