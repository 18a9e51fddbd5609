// Each option that needs a package which is not installed.
import { defineEntity, Holdfast, MissingPackageError, RedisHash } from 'holdfast';

const Person = defineEntity({
  name: 'person',
  kind: RedisHash(),
  key: { id: 'string' },
  fields: { name: 'string' },
  fallback: 'home',
});

const said = {};
async function refused(option, options) {
  try {
    await (await Holdfast.open({ entities: [Person], fallbacks: { home: 'memory:' }, ...options })).close();
    said[option] = 'opened';
  } catch (error) {
    said[option] = { code: error.code, packageName: error.packageName, message: error.message };
  }
}

await refused('redis', { redis: 'redis://127.0.0.1:1' });
const urls = ['postgresql://127.0.0.1:1/x', 'mysql://127.0.0.1:1/x', 'sqlite:'];
for (const url of [...urls, 'datastore://shop', 'mongodb://127.0.0.1:1/x'])
  await refused(url.split(':')[0], { fallbacks: { home: url } });
async function refusedImport(path, use) {
  try {
    use(await import(`holdfast/${path}`));
    said[path] = 'loaded';
  } catch (error) {
    const { code, packageName, message } = error;
    said[path] = { code, packageName, message, ours: error instanceof MissingPackageError };
  }
}
await refusedImport('nestjs', () => {});
await refusedImport('tsyringe', () => {});
// These load their package when a driver is opened.
await refusedImport('fallbacks/datastore', ({ datastoreDriver }) => datastoreDriver({ source: 'datastore://shop' }));
await refusedImport('fallbacks/mongodb', ({ mongodbDriver }) => mongodbDriver({ source: 'mongodb://127.0.0.1:1/x' }));
await refusedImport('typeorm', ({ entitySchemas }) => entitySchemas([Person]));
console.log(JSON.stringify(said));
