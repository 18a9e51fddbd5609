import { createHash } from 'node:crypto';

/** A Lua script and the name that Redis knows it by. */
export interface Script {
  readonly source: string;
  readonly sha: string;
}

/** One run of a script. On a cluster all its keys lie in one slot. */
export interface ScriptCall {
  readonly script: Script;
  readonly keys: readonly string[];
  readonly args: readonly string[];
}

/** The flag of scripts that let go of entries: they go on while Redis is out of memory. */
export const ALLOW_OOM = 'allow-oom';

/**
 * A script of `body`. It may write, so that a Redis which could not be invalidated does not answer either; `flags` add to
 * that. Redis 7 checks them before it runs the script: one that is refused has done nothing.
 */
export function luaScript(body: string, flags = ''): Script {
  const source = `#!lua${flags && ` flags=${flags}`}\n${body}`;
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}
