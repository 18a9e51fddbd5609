/** What a lock has for the members that its writer is about: `:` and their hashes, each between `.`; nothing where he is about all. */
export function hashesOf(members: readonly string[] | undefined): string {
  return members ? `:.${members.map((member) => `${hashOf(member)}.`).join('')}` : '';
}

/** 32 bits of a text. Members of one hash are taken for each other, which costs no more than a reload. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0).toString(36);
}
