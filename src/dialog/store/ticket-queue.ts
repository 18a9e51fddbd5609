/** One message that waits for its turn, or has it. */
export interface Ticket {
  readonly token: string;
  /** The fencing token: later tickets have higher ones. */
  readonly fence: number;
  /** Counted on by its process, to show that it lives. */
  beat: number;
  /** When that was, in milliseconds since 1970. */
  at: number;
}

/** Who waits for one user's turn, in order of arrival; the first has it. */
export interface TicketQueue {
  /** The fencing token that was given last. */
  fence: number;
  /** The version of the context that the last turn left. */
  saved: number;
  tickets: Ticket[];
}

/** A queue in which nobody waits. */
export const emptyQueue = (): TicketQueue => ({ fence: 0, saved: 0, tickets: [] });

/** Adds tickets at the end, each once. */
export function arrive(queue: TicketQueue, tokens: readonly string[], now: number): void {
  for (const token of tokens) {
    if (queue.tickets.some((ticket) => ticket.token === token)) continue;
    // Above the time, so that a queue that was deleted and made again does not give a token twice.
    queue.fence = Math.max(queue.fence + 1, now);
    queue.tickets.push({ token, fence: queue.fence, beat: 0, at: now });
  }
}

/** Takes tickets out. */
export function leave(queue: TicketQueue, tokens: readonly string[]): void {
  queue.tickets = queue.tickets.filter(({ token }) => !tokens.includes(token));
}

/** Shows that the tickets' process lives. */
export function beat(queue: TicketQueue, tokens: readonly string[], now: number): void {
  for (const ticket of queue.tickets) {
    if (!tokens.includes(ticket.token)) continue;
    ticket.beat++;
    ticket.at = now;
  }
}
