import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { installDebianPackage } from './debian-package.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The program of a Chromium: `CHROMIUM_PATH`, one that is installed, or on Debian as root the distribution's package. @throws Error where there is none */
export function chromiumPath(): string {
  const path = process.env.CHROMIUM_PATH ?? installed() ?? (installDebianPackage('chromium') ? installed() : undefined);
  if (path !== undefined) return path;
  throw new Error(
    'The tests need Chromium, and none was found: CHROMIUM_PATH is not set, and none is installed. Install it (on Debian: apt-get install chromium), or set CHROMIUM_PATH to its program.',
  );
}

function installed(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}
