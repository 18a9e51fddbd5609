import { editOf, type Mutation } from './mutation.js';

const edit = editOf('src/hot/memory.ts');

const out = (guard: string, from: string, to: string): Mutation => ({
  guard,
  edits: [edit(from, to)],
  suite: 'process',
  first: ['test/hot/memory.test.ts'],
});

/** The guards of the hot store in process. */
export const HOT_MEMORY: readonly Mutation[] = [
  out(
    'lockFirst',
    'const before = lock?.writers.get(token);\n      const writer',
    'return;\n      const before = lock?.writers.get(token);\n      const writer',
  ),
  out('fillFenced', 'if (filling?.filler !== token) return;', 'if (!filling) return this.#put(schema, name, entry);'),
  out(
    'lockEndsFill',
    'if (!lock && !this.#validOf(schema, name)) this',
    'if (this.#filling(schema, name)) return;\n      if (!lock && !this.#validOf(schema, name)) this',
  ),
  out('lockExcludesFill', 'if (!valid) return lock && BUSY;', 'if (!valid) return undefined;'),
  out('joinDirty', '(lock.dirty || (!before && meetsAny(writer, lock.writers.values())))', 'lock.dirty'),
  out('joinDirty', 'theirs.some((member) => mine.has(member))', 'false'),
  out('wholeMeetsAll', 'if (members === undefined) return true;', 'if (members === undefined) return false;'),
  out('wholeMeetsAll', 'theirs === undefined ||', 'theirs !== undefined &&'),
  {
    ...out('deltaNeedsValue', 'const needed = isDelta || mode', 'const needed = mode'),
    edits: [
      edit('const needed = isDelta || mode', 'const needed = mode'),
      edit(
        'valid: valid!,',
        'valid: there ? valid : { tag: this.#tag(), fingerprint: schema.fingerprint, until: Infinity, value: valueOfMembers(Members.of(schema.kind.structure!, [])) },',
      ),
    ],
  },
  out(
    'deltaBeneath',
    'this.#valid.set(name, { ...valid, value });',
    'if (lock.writers.size === 1) this.#valid.set(name, { ...valid, value });',
  ),
  out('ownLockOnly', '!mine || shared ||', '!mine ||'),
  out('dirtyNotServed', '(lock.dirty || servedUntil(lock)', '(servedUntil(lock)'),
  out('dirtyNotSet', 'const mine = lock && !lock.dirty && lock', 'const mine = lock && lock'),
  out(
    'ownLockOnly',
    'const mine = lock && !lock.dirty && lock.writers.has(token);',
    'const mine = lock && !lock.dirty;',
  ),
  out(
    'lastOutDrops',
    '\n    else this.#forget(name);',
    '\n    else if (lock) this.#held.delete(name);\n    else this.#forget(name);',
  ),
  out(
    'lostTokenDrops',
    'this.#leave(name, lock, token);\n      else if (!isDelta)',
    '{\n        if (lock) this.#leave(name, lock, token);\n      } else if (!isDelta)',
  ),
  out(
    'lostTokenMarks',
    '...lasting(writers), dirty: true });',
    '...lasting(writers), dirty: lock.dirty || lock.writers.has(token) });',
  ),
  out(
    'abandonMarks',
    '...lasting(writers), dirty: true });',
    '...lasting(writers), dirty: !lock.writers.has(token) });',
  ),
  out('keepOthersLock', 'if (lock && writers.size > 0)', 'if (lock?.writers.has(token) && writers.size > 0)'),
  out(
    'abandonDrops',
    'this.#leave(name, this.#lock(name), typeof',
    'if (this.#lock(name)) this.#leave(name, this.#lock(name), typeof',
  ),
  out('deadTokenMarks', ': { ...held, writers, dirty: true };', ': { ...held, writers };'),
  out('deadTokenEnds', '.filter(([, { until }]) => until > now)', ''),
  out('dropKeepsLock', 'if (lock) this.#held.set(name, { ...lock, dirty: true });', 'if (lock) this.#forget(name);'),
  out('dropMarks', 'if (lock) this.#held.set(name, { ...lock, dirty: true });', 'if (lock) return;'),
  out('epoch', 'held.until <= now || held.tag !== this.#tag()', 'held.until <= now'),
  out('epoch', 'valid.tag !== this.#tag() || ', ''),
  out('fingerprint', ' && held.fingerprint === schema.fingerprint ? held', ' ? held'),
  out('fingerprint', ' || valid.fingerprint !== schema.fingerprint', ''),
  out('servedFor', 'lock.dirty || servedUntil(lock) < this.#clock.now()', 'lock.dirty'),
  out('renewServes', ', servedUntil: now + before.servedFor });', ' });'),
  out('renewLasts', 'if (!lock || held.length === 0) continue;', 'continue;'),
  out('renewOwnOnly', 'for (const token of held) {', 'for (const token of writers.keys()) {'),
  out('neverShorter', 'Math.max(before.until, now + lockTime)', 'now + lockTime'),
  out('neverShorter', 'Math.max(now + lockTime, before?.until ?? 0)', 'now + lockTime'),
  out('heldEnds', 'held.until <= now || held.tag', 'held.tag'),
  out('endDrops', 'this.#forget(name);\n      return undefined;', 'this.#held.delete(name);\n      return undefined;'),
  out('endDrops', 'this.#forget(oldest);', 'this.#held.delete(oldest);'),
  out('valueEnds', 'return valid.until > this.#clock.now() ? valid : undefined;', 'return valid;'),
  out('oneFills', 'if (filling && filling.filler !== token) return BUSY;', ''),
];
