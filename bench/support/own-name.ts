import { randomBytes } from 'node:crypto';

/** A name that no other run has, for tables and namespaces that are dropped at the end. */
export const ownName = (purpose: string): string => `${purpose}_${randomBytes(4).toString('hex')}`;
