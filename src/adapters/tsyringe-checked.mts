// What Node imports as `holdfast/tsyringe`: of what is imported plainly, nothing runs where a package is missing, so it is awaited.
// Bundlers, which find that out by themselves and cannot always await, take tsyringe.js itself (package.json, "module").
import { missingPeer, TSYRINGE } from './missing-peer.js';

const loaded = await import('./tsyringe.js').catch((error: unknown) => {
  throw missingPeer(TSYRINGE, error);
});

export const { injectRepository, registerHoldfast } = loaded;
