const { defineEntity, RedisHash } = require('holdfast');

exports.Person = defineEntity({
  name: 'person',
  kind: RedisHash(),
  key: { id: 'string' },
  fields: { name: 'string', age: 'number' },
});
