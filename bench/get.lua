-- wrk: each request gets one of the messages whose digests a file names, at random: lines of 64 hex digits.
-- A second argument is what stands before the digest, such as /messages/.
-- The file is mapped, because a table of ten million strings would not fit into Lua's memory.
local ffi = require("ffi")
ffi.cdef [[
int open(const char *path, int flags);
long lseek(int file, long offset, int whence);
void *mmap(void *address, size_t length, int protection, int flags, int file, long offset);
]]
local READ_ONLY, END, READ, SHARED = 0, 2, 1, 1

local threads = 0
function setup(thread)
  thread:set("place", threads)
  threads = threads + 1
end

local digests, count, prefix, rest
function init(arguments)
  local file = ffi.C.open(arguments[1], READ_ONLY)
  local size = tonumber(ffi.C.lseek(file, 0, END))
  digests = ffi.cast("const char *", ffi.C.mmap(nil, size, READ, SHARED, file, 0))
  count = size / 65
  -- Once, as wrk.format costs the machine as much for each request as a server's answer to it.
  prefix = "GET " .. arguments[2]
  rest = wrk.format("GET", "/"):gsub("^GET /", "", 1)
  math.randomseed(os.time() * 16 + place)
end

function request()
  local line = math.random(0, count - 1)
  return prefix .. ffi.string(digests + line * 65, 64) .. rest
end
