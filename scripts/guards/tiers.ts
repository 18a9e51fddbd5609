import { type Edit, editOf, type Mutation } from './mutation.js';

const writes = editOf('src/tiers/fenced-writes.ts');
const reads = editOf('src/tiers/fenced-reads.ts');
const outbox = editOf('src/tiers/outbox.ts');
const drain = editOf('src/tiers/drain.ts');
const trust = editOf('src/tiers/trust.ts');
const unknown = editOf('src/tiers/unknown-outcome.ts');
const keeper = editOf('src/tiers/held-locks.ts');
const batch = editOf('src/tiers/step-batch.ts');
const store = editOf('src/tiers/fenced-store.ts');
const guarded = editOf('src/tiers/guarded.ts');
const parts = editOf('src/tiers/hot-entry.ts');
const tierGuards = editOf('src/guards.ts');

const out = (guard: string, ...edits: readonly Edit[]): Mutation => ({ guard, edits, suite: 'process' });

/** The guards between the tiers: what writes, reads and drains do, whatever the hot store. */
export const TIERS: readonly Mutation[] = [
  out(
    'lockFirst',
    writes(
      'const writing = await this.#begin(touched, membersTouched(changes));',
      'const writing: Writing = { token: this.#parts.token(), touched, unlocked: new Map(), rows: [] };',
    ),
  ),
  out('abandonUnconfirmed', writes('if (!unlocked) return this.#put', 'return this.#put')),
  out('rowWithWrite', writes('rows.push(...this.#parts.outbox.rows(schema, missed, token));', '')),
  out(
    'rowWithWrite',
    outbox(
      'if (rows.length === 0) return driver.write(changes);',
      'await this.store(rows);\n    return driver.write(changes);',
    ),
  ),
  out(
    'rowWithWrite',
    outbox(
      'const result = await driver.write([...changes, ...rows.map((row) => this.#put(row))]);',
      'const result = await driver.write(changes);\n    if (result.done) await this.store(rows);',
    ),
  ),
  out(
    'journalFirst',
    outbox(
      'await this.#write(rows.map((row) => this.#put(row)));\n      return driver.write(changes);',
      'const made = await driver.write(changes);\n      await this.#write(rows.map((row) => this.#put(row)));\n      return made;',
    ),
  ),
  out('rowBeforeAcknowledge', writes('await outbox.store(rows);', 'void outbox.store(rows).catch(() => {});')),
  out('rowOfUnknown', writes('await this.#parts.outbox.store(left.flat()).catch(() => {});', '')),
  out(
    'keepOwed',
    outbox(
      'await this.#write(rows.map((row) => this.#put(row)));\n    for (const row of rows) this.#kept.delete(row.id.id);',
      'for (const row of rows) this.#kept.delete(row.id.id);\n    await this.#write(rows.map((row) => this.#put(row)));',
    ),
  ),
  out('keepUnknown', writes('if (isUnknown(error)) inFlight', 'if (isUnknown(undefined)) inFlight')),
  out('rowKept', writes('const rows = this.#parts.outbox.keep(', 'const rows = this.#parts.outbox.rows(')),
  out(
    'abandonUnsent',
    writes(
      'const faults = await hot.abandon(schema, keys, writing.token);',
      'const sent = keys.filter(({ id }) => writing.unlocked.get(schema)!.get(id));\n    if (sent.length < keys.length) return [];\n    const faults = await hot.abandon(schema, keys, writing.token);',
    ),
  ),
  out(
    'rowAfterJournal',
    writes('if (outbox.goAhead(writing.rows.length, changes)) return this.#leave(schema, keys, writing);', ''),
  ),
  out(
    'lostAsksNothing',
    reads('indexesOf(keys, (key) => trust.of(hot.place(schema, key)))', 'keys.map((_, index) => index)'),
  ),
  out(
    'lostAsksNothing',
    trust('return this.#known && this.#losses.size === 0;', 'return this.#known;'),
    trust('return this.#known && !this.#losses.has(place);', 'return this.#known;'),
  ),
  out(
    'lostOnBreak',
    drain(
      "if (!there) this.trust.lose(place, new StoreFault('its connection was closed', 'none'));",
      'if (!there) return;',
    ),
  ),
  out('lostAtStart', trust('#known = false;', '#known = true;')),
  out(
    'rowsBeforeTrust',
    drain(
      'const dropped = await this.#dropAll(answering);',
      'this.trust.regain(before, answering, places);\n    const dropped = await this.#dropAll(answering);',
    ),
  ),
  out('trustUnlessLostAgain', trust(' && before.get(place)?.mark === mark)', ')')),
  out(
    'drainsUnasked',
    drain(
      'void this.run().then(() => this.#schedule());',
      'void (this.trust.whole ? Promise.resolve() : this.run()).then(() => this.#schedule());',
    ),
  ),
  out(
    'abandonBeforeDelete',
    drain('const done: OutboxRow[] = [];', 'const done: OutboxRow[] = [];\n    await outbox.remove(page);'),
  ),
  out('deleteById', drain('else done.push(row);', 'done.push(row);')),
  out(
    'deleteById',
    outbox(
      'const stored = rows.filter(({ id }) => !this.#kept.delete(id.id));',
      'const stored: { id: Key }[] = [];\n    for (const { id } of rows) this.#kept.delete(id.id);\n    for await (const { key } of this.#options.driver.scan(this.#options.schema)) stored.push({ id: key });',
    ),
  ),
  out(
    'askAgain',
    reads(
      'return undefined;\n  }\n\n  /** Asks the hot tier again',
      'return { found: new Map(cold.map((index) => [keys[index]!.id, found.get(index)!])) } as never;\n  }\n\n  /** Asks the hot tier again',
    ),
    reads(
      'const failure = await fill;',
      'const failure = (await fill) as never as { found?: Map<string, Entry | null>; error: unknown };\n    if (failure.found) {\n      for (const index of indexes) settle(index, undefined, failure.found.get(keys[index]!.id)!);\n      return;\n    }',
    ),
  ),
  out('tellAfterCommit', writes('this.#tell(touched);\n    return result;', 'return result;')),
  out('cleanFailureAbandons', writes('else await this.#abandon(writing, true);\n      throw', 'throw')),
  out('refusedAbandons', writes('else await this.#abandon(writing, true);\n    this.#tell', 'this.#tell')),
  out('lateReleasedAgain', unknown('void late?.then(', 'if (!write) void late?.then(')),
  out('bounded', unknown('fault.unknownFor,\n    clock,', 'fault.settled ? 1e12 : fault.unknownFor,\n    clock,')),
  out(
    'unsureOfOwn',
    writes('if (writing.unlocked.get(schema)!.get(key.id)) outbox.keep(schema, [key], writing.token);', ''),
  ),
  out(
    'lostAgain',
    writes(
      '// The drain that may have made the place trusted meanwhile has not seen the rows.\n      this.#lose(schema, key, fault);',
      '',
    ),
  ),
  out('loseOnRead', trust('if (!(cause instanceof StoreFault && cause.open)) this.lose(place, cause);\n    else', '')),
  out('loseOnBegin', writes('this.#lose(schema, key, fault);\n        return true;', 'return true;')),
  out('loseOnMissed', writes('if (fault) this.#lose(schema, key, fault);', '')),
  out('loseOnProbe', drain('if (fault) this.trust.lose(place, fault.error);\n      else', 'if (!fault)')),
  out(
    'loseOnDrain',
    drain('if (fault) this.trust.lose(hot.place(schema, row.key), fault.error);\n        else', 'if (!fault)'),
  ),
  out('inDoubt', reads('return trust.whole ? replies : replies.map(', 'return trust ? replies : replies.map(')),
  out(
    'inDoubt',
    reads('replies[index] = this.#inDoubt(schema, keys[index]!, answers[at]!);', 'replies[index] = answers[at]!;'),
  ),
  out('refusalIsNoLoss', trust('if (!(cause instanceof StoreFault && cause.open)) this', 'if (cause) this')),
  out(
    'outboxUnread',
    drain('durable.failed(error);\n      return undefined;', 'durable.failed(error);\n      return 0;'),
  ),
  out('drainsAtLoss', drain('if (clock.now() - this.#lastRun >= interval / 10) this.#soon();', '')),
  out(
    'drainsAtReturn',
    drain('else if (this.trust.losses.has(place) && clock.now() - this.#lastRun >= interval / 4) this.#soon();', ''),
  ),
  out(
    'drainsNotOverAndOver',
    drain(
      'else if (this.trust.losses.has(place) && clock.now() - this.#lastRun >= interval / 4) this',
      'else if (this.trust.losses.has(place)) this',
    ),
  ),
  out(
    'drainsNotOverAndOver',
    drain('if (clock.now() - this.#lastRun >= interval / 10) this.#soon();', 'this.#soon();'),
  ),
  out('unwatches', drain('this.#unwatch?.();', '')),
  out('drainsAtClose', drain('if (this.#options.outbox.unstored > 0) await this.run();', '')),
  out('closingWaits', store('await inFlight.idle();', '')),
  out('goneIsForgotten', trust('(!places.has(place) || answering.has(place))', 'answering.has(place)')),
  out('movedIsLost', drain('else if (this.trust.of(place))', 'else if (!hot)')),
  out('probeInTime', guarded('places: () => probe(() => hot.places()).catch(', 'places: () => hot.places().catch(')),
  out('outboxInTime', guarded('return steps ? boundedSteps', 'return steps === null ? boundedSteps')),
  {
    guard: 'hotWithinDurable',
    edits: [parts('return ttl === undefined ? left : Math.min(ttl, left);', 'return ttl;')],
    suite: 'process',
    first: ['test/repository/repository.test.ts', 'test/repository/review-options.test.ts'],
  },
  out('tryNow', tierGuards('lane.breaker?.tryNow();', ';')),
  out('forgetsFills', writes('fills.forget(schema, keys);', '')),
  out('ownKeysOnly', batch(' && part.items.every(({ id }) => !ids.has(id))', '')),
  out('rowsOfEntities', outbox('if (ofScope !== scope || !schema) {', 'if (ofScope !== scope) {')),
  out('allRowsBeforeTrust', outbox('const some = trusted && ', 'const some = ')),
  out('allRowsNowAndThen', outbox(' && Math.abs(now - this.#all.at) < recent', '')),
  out('recentRowsEachTime', outbox('newestFirst(now - recent)', 'newestFirst(now)')),
  out('rowsOfScope', outbox('ofScope !== scope || ', '')),
  out('renewsHeld', keeper('this.#renew(this.#due.filter((locks) => this.#held.has(locks)));', '')),
  out('renewsNoMore', keeper('this.#held.delete(locks);', '')),
];
