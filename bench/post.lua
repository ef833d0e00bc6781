-- wrk: each request posts a new message of 100 bytes. The first argument sets this run's messages apart; in the
-- second, the body, MESSAGE stands for the message.
local threads = 0
function setup(thread)
  thread:set("place", threads)
  threads = threads + 1
end

local number = 0
local parts = {}
local prefix
function init(arguments)
  local body = arguments[2] or '{"message": "MESSAGE"}'
  for part in (body .. "MESSAGE"):gmatch("(.-)MESSAGE") do parts[#parts + 1] = part end
  prefix = string.rep("x", 88 - #arguments[1]) .. arguments[1] .. "-" .. place
end

function request()
  number = number + 1
  return wrk.format("POST", "/", nil, table.concat(parts, prefix .. string.format("%010d", number)))
end
