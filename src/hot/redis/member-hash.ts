/** What a lock has for the members that its writer is about: their hashes, or nothing where he is about all. */
export function hashesOf(members: readonly string[] | undefined): string {
  if (!members) return '';
  // Who is about no member meets only who is about all.
  return members.length === 0 ? ':.' : `:${members.map(hashOf).join('.')}`;
}

/** 32 bits of a text. Members of one hash are taken for each other, which costs no more than a reload. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0).toString(36);
}
