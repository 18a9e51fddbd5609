import { readFileSync } from 'node:fs';

/** The source file of each name that the package can be imported by: `holdfast/nestjs` → `src/adapters/nestjs.ts`. */
export function packageEntries() {
  const { name, exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return Object.entries(exports)
    .filter(([, targets]) => typeof targets === 'object')
    .map(([path, targets]) => ({
      name: name + path.slice(1),
      source: targets.import.replace(/^\.\/dist\/esm\//, 'src/').replace(/\.js$/, '.ts'),
    }));
}
