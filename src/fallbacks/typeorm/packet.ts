import { ValidationError } from '../../core/errors.js';
import type { Schema } from '../../core/schema.js';
import { rowSize } from './parameters.js';

// For the names in a statement.
const PACKET_REST = 20_000;

/** The server would end the connection, and it would look like a fault of its own. @throws ValidationError for a row that does not fit into a statement */
export function checkPacket({ target }: Schema, row: readonly unknown[], maxPacket: number): void {
  const size = rowSize(row);
  if (size > maxPacket - PACKET_REST)
    throw new ValidationError(
      `${target.name} takes ${size} bytes as SQL, but the server takes ${maxPacket} (max_allowed_packet); nothing was written. Store less, or allow it more.`,
    );
}
