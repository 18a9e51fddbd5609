// What Node requires as `holdfast/tsyringe`.
import { missingPeer, TSYRINGE } from './missing-peer.js';

function load(): unknown {
  try {
    return require('./tsyringe.js');
  } catch (error) {
    throw missingPeer(TSYRINGE, error);
  }
}

export = load();
