/**
 * `near(k, from, to)`: what GEOSEARCH finds with these arguments, of which COUNT is the last where it is there, or what `pcall` makes of a
 * fault; around a member that is not there nothing. Of those that are as far away as the last one Redis leaves out any: they are
 * asked for until all have come. A geohash has more digits than JSON keeps of a number here.
 */
export const nearLua = `
local function near(k, from, to)
  local args = { unpack(ARGV, from, to) }
  local limit = args[#args - 1] == 'COUNT' and tonumber(args[#args])
  local count = limit and limit + 1
  while true do
    if count then args[#args] = string.format('%.0f', count) end
    local found = redis.pcall('GEOSEARCH', k, unpack(args))
    if found.err then
      if string.find(found.err, 'could not decode requested zset member', 1, true) then return {} end
      return found
    end
    if not count or #found < count or found[count][2] ~= found[limit][2] then
      for i = 1, #found do found[i][3] = string.format('%.0f', found[i][3]) end
      return found
    end
    count = 2 * count
  end
end
`;
