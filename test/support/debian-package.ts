import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const apt = (...args: readonly string[]) =>
  spawnSync('apt-get', ['-q', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
  }).status === 0;

/** Installs a package of the distribution, where this is Debian (or made from it) and we are root. Says whether it did. */
export function installDebianPackage(name: string): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return false;
  console.log(`Installing the package ${name} …`);
  const install = () => apt('install', '-y', '--no-install-recommends', name);
  return install() || (apt('update') && install());
}
