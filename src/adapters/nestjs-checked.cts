// What Node requires as `holdfast/nestjs`.
import { missingPeer, NESTJS } from './missing-peer.js';

function load(): unknown {
  try {
    return require('./nestjs.js');
  } catch (error) {
    throw missingPeer(NESTJS, error);
  }
}

export = load();
