/** What one guard of the protocol is for, and where the code has it. */
export interface Guard {
  readonly name: string;
  readonly protects: string;
  readonly where: string;
}

/** Every guard of the fenced protocol. The model goes wrong without any of them. */
export const GUARDS = [
  {
    name: 'lockFirst',
    protects: 'begin locks the hot entry before the durable write',
    where: 'src/hot/memory.ts begin; src/hot/redis/steps.ts begin; src/tiers/fenced-writes.ts write',
  },
  {
    name: 'fillFenced',
    protects: 'a fill sets its value only while its own F token stands',
    where: 'src/hot/memory.ts fill; src/hot/redis/steps.ts fill',
  },
  {
    name: 'lockEndsFill',
    protects: 'begin takes the place of an F token',
    where: 'src/hot/memory.ts begin; src/hot/redis/steps.ts begin',
  },
  {
    name: 'lockExcludesFill',
    protects: 'a read takes no F token on an entry that is being written',
    where: 'src/hot/memory.ts #readOne; src/hot/redis/steps.ts look',
  },
  {
    name: 'joinDirty',
    protects: 'begin in a lock of others on the same members marks it !',
    where: 'src/hot/memory.ts begin; src/hot/redis/lock.ts alter',
  },
  {
    name: 'dirtyNotServed',
    protects: 'what lies under a lock with ! is not served',
    where: 'src/hot/memory.ts #served; src/hot/redis/steps.ts look',
  },
  {
    name: 'lastOutDrops',
    protects: 'the last one out of a lock with ! leaves the entry cold',
    where: 'src/hot/memory.ts #leave; src/hot/redis/steps.ts commit',
  },
  {
    name: 'lostTokenDrops',
    protects: 'a commit whose token is gone, of an entry that nobody writes, drops it',
    where: 'src/hot/memory.ts #leave; src/hot/redis/steps.ts commit',
  },
  {
    name: 'lostTokenMarks',
    protects: 'a commit or an abandon whose token is gone from a lock of others marks it !',
    where: 'src/hot/memory.ts #leave; src/hot/redis/lock.ts alter',
  },
  {
    name: 'keepOthersLock',
    protects: 'a commit whose token is gone leaves the lock of others in place',
    where: 'src/hot/memory.ts #leave; src/hot/redis/lock.ts alter',
  },
  {
    name: 'abandonDrops',
    protects: 'an abandon of a token that is in no lock drops the entry',
    where: 'src/hot/memory.ts #leave; src/hot/redis/steps.ts release',
  },
  {
    name: 'abandonMarks',
    protects: 'an abandon that leaves others in the lock marks it !',
    where: 'src/hot/memory.ts #leave; src/hot/redis/lock.ts alter',
  },
  {
    name: 'deadTokenMarks',
    protects: 'a token whose time is over leaves ! in the lock of others',
    where: 'src/hot/memory.ts #lock; src/hot/redis/lock.ts alter',
  },
  {
    name: 'deltaNeedsValue',
    protects: 'a delta over a cold entry or a known absence leaves it cold',
    where: 'src/hot/memory.ts commit; src/hot/redis/collection-shape.ts delta',
  },
  {
    name: 'deltaBeneath',
    protects: 'a delta that leaves others in the lock is made to the value beneath it',
    where: 'src/hot/memory.ts #merge; src/hot/redis/collection-shape.ts delta',
  },
  {
    name: 'wholeMeetsAll',
    protects:
      'a put or a delete of the whole shares members with every other write, so that the second of them marks the lock !',
    where: 'src/hot/memory.ts meetsAny; src/hot/redis/lock.ts meets',
  },
  {
    name: 'dropKeepsLock',
    protects: 'a drop leaves the lock of writers in place',
    where: 'src/hot/memory.ts drop; src/hot/redis/steps.ts drop',
  },
  {
    name: 'dropMarks',
    protects: 'a drop marks a lock !, for what lies under it is not to be served any more',
    where: 'src/hot/memory.ts drop; src/hot/redis/steps.ts drop',
  },
  {
    name: 'epoch',
    protects: 'entries of another run of Redis are cold',
    where: 'src/hot/memory.ts #lock, #validOf, #filling; src/hot/redis/marker.ts epochLua',
  },
  {
    name: 'abandonUnconfirmed',
    protects: 'a write whose begin was not confirmed abandons and never commits',
    where: 'src/tiers/fenced-writes.ts #commitAll',
  },
  {
    name: 'rowWithWrite',
    protects: 'a write whose begin was not confirmed puts its row in the same durable transaction',
    where: 'src/tiers/fenced-writes.ts #begun; src/tiers/outbox.ts write',
  },
  {
    name: 'rowBeforeAcknowledge',
    protects: 'a commit that could not be delivered puts a row before the acknowledgement',
    where: 'src/tiers/fenced-writes.ts #acknowledge',
  },
  {
    name: 'rowOfUnknown',
    protects: 'the release of an unknown outcome that could not be delivered puts a row',
    where: 'src/tiers/fenced-writes.ts #abandon',
  },
  {
    name: 'keepOwed',
    protects: 'what could neither be delivered nor be put into a row is abandoned by the next drain of its process',
    where: 'src/tiers/outbox.ts store',
  },
  {
    name: 'keepUnknown',
    protects: 'a write whose outcome is unknown keeps its lock until it is known',
    where: 'src/tiers/fenced-writes.ts #releaseWhenKnown; src/tiers/unknown-outcome.ts',
  },
  {
    name: 'rowKept',
    protects:
      'a row that is still on its way to the durable store is known to the drains of its process from the moment it is lost',
    where: 'src/tiers/fenced-writes.ts #missed; src/tiers/outbox.ts keep',
  },
  {
    name: 'abandonUnsent',
    protects: 'a write whose begin was never sent tries to abandon all the same, and is lost once more where it cannot',
    where: 'src/tiers/fenced-writes.ts #leaveWritten',
  },
  {
    name: 'rowAfterJournal',
    protects: 'where the row came before the write, an abandon that could not be delivered puts another',
    where: 'src/tiers/fenced-writes.ts #leaveWritten',
  },
  {
    name: 'lostAsksNothing',
    protects: 'a process that is lost asks the hot tier nothing on reads',
    where: 'src/tiers/fenced-reads.ts #askHot; src/tiers/trust.ts of',
  },
  {
    name: 'lostOnBreak',
    protects: 'a process whose link broke is lost before it uses the next one',
    where: 'src/tiers/drain.ts #onConnection; src/hot/redis/client.ts watchConnection',
  },
  {
    name: 'lostAtStart',
    protects: 'a process that starts is lost until its first drain',
    where: 'src/tiers/trust.ts #known',
  },
  {
    name: 'rowsBeforeTrust',
    protects: 'a drain trusts the hot tier only after the rows it read are abandoned',
    where: 'src/tiers/drain.ts #drain',
  },
  {
    name: 'trustUnlessLostAgain',
    protects: 'a drain does not end what was lost since its probe',
    where: 'src/tiers/trust.ts regain',
  },
  {
    name: 'drainsUnasked',
    protects: 'a process that has lost nothing looks at the outbox too: whoever put a row may be gone',
    where: 'src/tiers/drain.ts #schedule',
  },
  {
    name: 'abandonBeforeDelete',
    protects: 'a row is deleted only after it was abandoned',
    where: 'src/tiers/drain.ts #drop',
  },
  {
    name: 'deleteById',
    protects: 'a drain deletes only the rows that it has abandoned',
    where: 'src/tiers/drain.ts #drop; src/tiers/outbox.ts remove',
  },
  {
    name: 'joinUntilOut',
    protects: 'without a cache, a load is joined only until it goes out',
    where: 'src/repository/read-path.ts #flush',
  },
  {
    name: 'askAgain',
    protects: 'who waited for a fill of his own process asks the hot tier again',
    where: 'src/tiers/fenced-reads.ts #loadAfter',
  },
  {
    name: 'tellAfterCommit',
    protects: 'the own cache and loads let go of the key after the commit, before the acknowledgement',
    where: 'src/tiers/fenced-writes.ts write',
  },
  {
    name: 'tellDetaches',
    protects:
      'what a load that was under way while its key was written brings is not cached, and nobody joins it any more',
    where: 'src/repository/read-path.ts forget',
  },
  {
    name: 'publishCommit',
    protects: 'a commit tells the caches of all processes, whether it set the entry or not',
    where: 'src/hot/redis/steps.ts commit; src/hot/redis/channel.ts',
  },
  {
    name: 'publishAbandon',
    protects: 'an abandon tells the caches of all processes',
    where: 'src/hot/redis/steps.ts release; src/hot/redis/channel.ts',
  },
  {
    name: 'publishDrop',
    protects: 'a drop tells the caches of all processes',
    where: 'src/hot/redis/steps.ts drop; src/hot/redis/channel.ts',
  },
  {
    name: 'messageDetaches',
    protects: 'a message of another process detaches the load that is under way',
    where: 'src/repository/read-path.ts forget',
  },
  {
    name: 'emptyOnSubscribe',
    protects: 'the cache is emptied when its channel is open again',
    where: 'src/hot/redis/invalidation.ts #turn; src/repository/read-path.ts forgetAll',
  },
  {
    name: 'detachOnSubscribe',
    protects: 'what loads that went out before the channel was open again bring is not cached',
    where: 'src/hot/redis/invalidation.ts #turn; src/repository/read-path.ts forgetAll',
  },
] as const satisfies readonly Guard[];

export type GuardName = (typeof GUARDS)[number]['name'];

/** Which guards are in place. */
export type Guards = Readonly<Record<GuardName, boolean>>;

const names = GUARDS.map(({ name }) => name);

export const ALL_GUARDS = Object.fromEntries(names.map((name) => [name, true])) as Guards;

export const without = (name: GuardName): Guards => ({ ...ALL_GUARDS, [name]: false });
