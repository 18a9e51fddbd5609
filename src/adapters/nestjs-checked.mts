// What Node imports as `holdfast/nestjs`: of what is imported plainly, nothing runs where a package is missing, so it is awaited.
// Bundlers, which find that out by themselves and cannot always await, take nestjs.js itself (package.json, "module").
import { missingPeer, NESTJS } from './missing-peer.js';

const loaded = await import('./nestjs.js').catch((error: unknown) => {
  throw missingPeer(NESTJS, error);
});

export const { HoldfastModule, InjectRepository } = loaded;
