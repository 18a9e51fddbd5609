import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transform } from '@swc/core';
import { packageEntries } from './package-entries.mjs';

const root = new URL('../', import.meta.url);
const entries = new Map(packageEntries().map(({ name, source }) => [name, new URL(source, root).href]));
const modules = new URL('node_modules/', root).href;

/** TypeScript's own way of naming files: `./x.js` is `./x.ts` where there is one; the package's own names are its sources. */
export async function resolve(specifier, context, next) {
  const ours =
    context.parentURL === undefined ||
    (context.parentURL.startsWith(root.href) && !context.parentURL.startsWith(modules));
  if (ours && entries.has(specifier)) return { url: entries.get(specifier), format: 'module', shortCircuit: true };
  if (ours && /^(\.{1,2}\/|file:).*\.js$/.test(specifier)) {
    const source = new URL(`${specifier.slice(0, -3)}.ts`, context.parentURL ?? pathToFileURL(`${process.cwd()}/`));
    if (existsSync(source)) return { url: source.href, format: 'module', shortCircuit: true };
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
  const filename = fileURLToPath(url);
  const { code } = await transform(await readFile(filename, 'utf8'), {
    filename,
    cwd: fileURLToPath(root),
    configFile: fileURLToPath(new URL('.swcrc', root)),
    swcrc: false,
    sourceMaps: 'inline',
  });
  return { format: 'module', source: code, shortCircuit: true };
}
