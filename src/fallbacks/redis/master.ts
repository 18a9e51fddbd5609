/** Fails on a server that has become a replica: reading goes on while Redis may not be written to, but never on such a one. */
export const masterLua = `
if not string.find(redis.call('INFO', 'replication'), 'role:master', 1, true) then
  return redis.error_reply('READONLY this server is a replica')
end
`;
