-- Every request of its own: `@mark@` in the body becomes a text no other request has, also sent as Idempotency-Key.
-- Arguments: the file with the body, and the first half of the marks. Without them the same GET again and again.

function init(args)
  if not args[1] then return end
  local file = assert(io.open(args[1]))
  local body = file:read("*a")
  file:close()
  local begin, sent = args[2], 0
  request = function()
    sent = sent + 1
    local mark = string.format("%s%016d", begin, sent)
    wrk.headers["Idempotency-Key"] = mark
    return wrk.format("POST", nil, nil, (body:gsub("@mark@", mark)))
  end
end

function done(summary)
  local e = summary.errors
  io.write(string.format('{"answers": %d, "seconds": %.6f, "failed": %d}\n', summary.requests,
    summary.duration / 1e6, e.connect + e.read + e.write + e.status + e.timeout))
end
