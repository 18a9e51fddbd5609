// Each path that needs a package which is not installed.
const { MissingPackageError } = require('holdfast');

const said = {};
for (const path of ['nestjs', 'tsyringe', 'fallbacks/datastore', 'fallbacks/mongodb']) {
  try {
    require(`holdfast/${path}`);
    said[path] = 'loaded';
  } catch (error) {
    const { code, packageName, message } = error;
    said[path] = { code, packageName, message, ours: error instanceof MissingPackageError };
  }
}
console.log(JSON.stringify(said));
