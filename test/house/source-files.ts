import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from '@swc/core';

/** The project's folder. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** The TypeScript and JavaScript files of a folder of the project, by their paths from the project's folder. */
export function filesOf(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|mjs|js)$/.test(file))
    .map((file) => join(folder, file));
}

export const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

/** One import of a source file. */
export interface Import {
  /** A file of the project, by its path from the project's folder, or the name of a package. */
  readonly target: string;
  readonly isPackage: boolean;
  /** `type`: gone at runtime. `dynamic`: only when the code that asks for it runs. */
  readonly when: 'load' | 'dynamic' | 'type';
}

/** What a file imports, and exports from elsewhere. */
export function importsOf(file: string): Import[] {
  const found: Import[] = [];
  const add = (specifier: string, when: Import['when']) => {
    const isPackage = !specifier.startsWith('.');
    found.push({
      target: isPackage ? packageOf(specifier) : join(dirname(file), specifier).replace(/\.js$/, '.ts'),
      isPackage,
      when,
    });
  };
  walk(parseSync(textOf(file), { syntax: 'typescript', decorators: true, target: 'es2022' }), add);
  return found;
}

const packageOf = (specifier: string): string =>
  specifier.startsWith('node:') ? specifier : specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

interface Node {
  readonly type?: string;
  readonly [property: string]: unknown;
}

function walk(node: unknown, add: (specifier: string, when: Import['when']) => void): void {
  if (typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) {
    for (const item of node) walk(item, add);
    return;
  }
  const { type, source, specifiers, typeOnly, callee, argument, ...rest } = node as Node;
  const from = (source as { value?: string } | null | undefined)?.value;
  if (
    (type === 'ImportDeclaration' || type === 'ExportNamedDeclaration' || type === 'ExportAllDeclaration') &&
    from !== undefined
  ) {
    const names = (specifiers ?? []) as { isTypeOnly?: boolean }[];
    const onlyTypes = typeOnly === true || (names.length > 0 && names.every((name) => name.isTypeOnly === true));
    add(from, onlyTypes ? 'type' : 'load');
    return;
  }
  const first = (value: unknown) =>
    (value as { expression?: { type?: string; value?: string } }[] | undefined)?.[0]?.expression;
  if (type === 'CallExpression' && (callee as Node).type === 'Import') {
    const specifier = first((node as Node).arguments);
    if (specifier?.type === 'StringLiteral') add(specifier.value!, 'dynamic');
  }
  if (type === 'TsImportType') add((argument as { value: string }).value, 'type');
  for (const value of [source, specifiers, callee, argument, ...Object.values(rest)]) walk(value, add);
}
