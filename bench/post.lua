-- wrk: each request posts a new message of 100 bytes. The first argument sets this run's messages apart; in the
-- second, the body, MESSAGE stands for the message.
local threads = 0
function setup(thread)
  thread:set("place", threads)
  threads = threads + 1
end

local number = 0
local parts = {}
local head, prefix
local function body()
  return table.concat(parts, prefix .. string.format("%010d", number))
end

function init(arguments)
  for part in (arguments[2] .. "MESSAGE"):gmatch("(.-)MESSAGE") do parts[#parts + 1] = part end
  prefix = string.rep("x", 88 - #arguments[1]) .. arguments[1] .. "-" .. place
  -- Once, as all bodies have the same length, and wrk.format costs the machine as much for each request as a server's
  -- answer to it.
  head = wrk.format("POST", "/", nil, body()):gsub("[^\n]*$", "")
end

function request()
  number = number + 1
  return head .. body()
end
