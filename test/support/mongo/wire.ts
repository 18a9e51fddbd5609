import { deserialize } from 'bson';
import { type Doc, Unknown } from './order.js';

/** A command that came in. */
export interface Message {
  readonly request: number;
  /** Whether it came the old way, as the first word of a client does. */
  readonly old: boolean;
  readonly body: Doc;
}

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER = 16;
const TYPES = { promoteValues: false, promoteLongs: false, promoteBuffers: false } as const;

/** The whole messages at the beginning of what came in, and the rest. */
export function messagesIn(bytes: Buffer): { readonly messages: readonly Message[]; readonly left: Buffer } {
  const messages: Message[] = [];
  let at = 0;
  while (bytes.length - at >= HEADER) {
    const length = bytes.readInt32LE(at);
    if (bytes.length - at < length) break;
    messages.push(messageOf(bytes.subarray(at, at + length)));
    at += length;
  }
  return { messages, left: bytes.subarray(at) };
}

function messageOf(bytes: Buffer): Message {
  const request = bytes.readInt32LE(4);
  const code = bytes.readInt32LE(12);
  if (code === OP_QUERY) {
    const name = bytes.indexOf(0, HEADER + 4);
    return {
      request,
      old: true,
      body: deserialize(bytes.subarray(name + 9), { ...TYPES, allowObjectSmallerThanBufferSize: true }),
    };
  }
  if (code !== OP_MSG) throw new Unknown(`the server does not speak ${code}`);
  let body: Record<string, unknown> = {};
  for (let at = HEADER + 4; at < bytes.length; ) {
    const kind = bytes[at]!;
    const size = bytes.readInt32LE(at + 1);
    const end = at + 1 + size;
    if (kind === 0) body = { ...deserialize(bytes.subarray(at + 1, end), TYPES), ...body };
    else {
      const close = bytes.indexOf(0, at + 5);
      const documents: Doc[] = [];
      for (let from = close + 1; from < end; ) {
        const to = from + bytes.readInt32LE(from);
        documents.push(deserialize(bytes.subarray(from, to), TYPES));
        from = to;
      }
      body[bytes.toString('utf8', at + 5, close)] = documents;
    }
    at = end;
  }
  return { request, old: false, body };
}

/** An answer as it goes out. */
export function framed({ request, old }: Message, document: Uint8Array): Buffer {
  const head = Buffer.alloc(old ? 36 : 21);
  head.writeInt32LE(head.length + document.length, 0);
  head.writeInt32LE(request, 8);
  head.writeInt32LE(old ? OP_REPLY : OP_MSG, 12);
  // One document, from the first on; of the new way, one body.
  if (old) head.writeInt32LE(1, 32);
  return Buffer.concat([head, document]);
}
