import { describe } from '@jest/globals';
import { sqliteDatabases } from '../fallbacks/typeorm/databases.js';
import { HANGING, type Hanging, hangCases } from './hang-cases.js';
import { redisSubject } from './redis-subject.js';

async function hanging(): Promise<Hanging> {
  const subject = await redisSubject({ databases: sqliteDatabases(), options: HANGING });
  return {
    subject,
    silence(how, process) {
      if (how === 'that stands still') subject.server.pause();
      else subject.proxy(process).stall(how === 'whose answers do not arrive' ? 'replies' : 'all');
    },
    speak(how, process) {
      if (how === 'that stands still') subject.server.resume();
      else subject.proxy(process).resume();
    },
  };
}

describe('On Redis and SQLite,', () => hangCases(hanging));
