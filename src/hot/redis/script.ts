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
  return scriptOf(`#!lua${flags && ` flags=${flags}`}\n${body}`);
}

/** The script, on another database than that of its connection. */
export function inDatabase({ source }: Script, database: number): Script {
  return scriptOf(source.replace('\n', `\nredis.call('SELECT', ${database})\n`));
}

const scriptOf = (source: string): Script => ({ source, sha: createHash('sha1').update(source).digest('hex') });
