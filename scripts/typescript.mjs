// `node --import ./scripts/typescript.mjs FILE.ts` runs TypeScript, decorators and their metadata included, from its source.
import { register } from 'node:module';

process.setSourceMapsEnabled(true);
register('./typescript-hooks.mjs', import.meta.url);
