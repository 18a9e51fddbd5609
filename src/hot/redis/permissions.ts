// What a user of Redis must be allowed; README names the same.
const ALL =
  '+@connection +@hash +get +set +eval +evalsha +info +time +del +unlink +exists +persist +pexpire +pexpireat +pexpiretime +pttl +type +scan';
const COLLECTIONS = '+@sortedset +@geo +@list +@set +mget +rename';

/** The rules of a user who may do what the hot tier does with entities of these Redis types. */
export function permissionsFor(types: Iterable<string>): string {
  const collections = [...types].some((type) => type !== 'hash' && type !== 'string');
  return collections ? `${ALL} ${COLLECTIONS}` : ALL;
}
