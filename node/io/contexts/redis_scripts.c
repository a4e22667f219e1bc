#include "node/io/contexts/redis_scripts.h"

#include "common/check.h"

#define NOW                             \
    "local time = redis.call('TIME')\n" \
    "local now = time[1] * 1000 + math.floor(time[2] / 1000)\n"

/* Takes an id out of all indexes. Writes nothing where it stands in none: Redis refuses a script's
 * first write alone where its memory is full. */
#define FORGET                                                \
    "local function forget(id, due, sizes, total, pending)\n" \
    "  local size = redis.call('HGET', sizes, id)\n"          \
    "  if not size then return end\n"                         \
    "  redis.call('DECRBY', total, size)\n"                   \
    "  redis.call('HDEL', sizes, id)\n"                       \
    "  redis.call('ZREM', due, id)\n"                         \
    "  redis.call('ZREM', pending, id)\n"                     \
    "end\n"

/* One store has no two orders of arrival: who came first stays, and neither stamps nor hashes have
 * to decide between equal seqs. A repeated request renews the expiry: it is a write, so that WAIT
 * after it means something. Numbers stay below 2^53. */
static const char put_text[] = NOW FORGET
    "local entry, due, sizes, total, pending = unpack(KEYS)\n"
    "local id, seq, deleted, stamp, hash, follows, sealed, secret = unpack(ARGV, 1, 8)\n"
    "local ttl, age = tonumber(ARGV[9]), tonumber(ARGV[10])\n"
    "local count_max, bytes_max = tonumber(ARGV[11]), tonumber(ARGV[12])\n"
    "local held = redis.call('HMGET', entry, 's', 'd', 't', 'h')\n"
    "local function answer(word)\n"
    "  local kept = redis.call('HMGET', entry, 's', 'd', 't', 'h')\n"
    "  return {word, kept[1] or '0', kept[2] or '0', kept[3] or '0', kept[4] or '',\n"
    "          redis.call('ZCARD', due), tonumber(redis.call('GET', total) or '0')}\n"
    "end\n"
    "local function renew()\n"
    "  redis.call('PEXPIRE', entry, ttl)\n"
    "  redis.call('ZADD', due, now + ttl, id)\n"
    "end\n"
    "if held[1] then\n"
    "  local mine, theirs = tonumber(seq), tonumber(held[1])\n"
    "  if mine < theirs or (mine == theirs and deleted == '0' and held[2] == '1') then\n"
    "    return answer('older')\n"
    "  elseif mine == theirs and deleted == held[2] then\n"
    "    if deleted == '0' and hash ~= held[4] then return answer('conflict') end\n"
    "    renew()\n"
    "    return answer('same')\n"
    "  end\n"
    "else\n"
    "  forget(id, due, sizes, total, pending)\n"
    "end\n"
    "local size = #id + #sealed + #secret\n"
    "local before = tonumber(redis.call('HGET', sizes, id) or '0')\n"
    "if not held[1] and count_max > 0 then\n"
    "  local bytes = tonumber(redis.call('GET', total) or '0')\n"
    "  if redis.call('ZCARD', due) >= count_max or bytes + size > bytes_max then\n"
    "    return answer('full')\n"
    "  end\n"
    "end\n"
    "redis.call('HSET', entry, 's', seq, 'd', deleted, 't', stamp, 'h', hash, 'f', follows,\n"
    "           'm', string.format('%.0f', now - age), 'a', sealed, 'b', secret)\n"
    "renew()\n"
    "if size ~= before then\n"
    "  redis.call('HSET', sizes, id, size)\n"
    "  redis.call('INCRBY', total, size - before)\n"
    "end\n"
    "if follows == '1' and deleted == '0' then redis.call('ZADD', pending, 0, id)\n"
    "else redis.call('ZREM', pending, id) end\n"
    "return answer('stored')\n";

static const char get_text[] =
    NOW "local held = redis.call('HMGET', KEYS[1], 's', 'd', 't', 'h', 'f', 'm', 'a', 'b')\n"
        "if not held[1] then return false end\n"
        "held[6] = string.format('%.0f', math.max(0, now - tonumber(held[6])))\n"
        "return held\n";

static const char written_text[] = "local seq = redis.call('HGET', KEYS[1], 's')\n"
                                   "if not seq or tonumber(seq) <= tonumber(ARGV[2]) then "
                                   "redis.call('ZREM', KEYS[2], ARGV[1]) end\n"
                                   "return 1\n";

static const char expire_text[] = NOW FORGET
    "local due, sizes, total, pending = unpack(KEYS)\n"
    "local over = redis.call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, tonumber(ARGV[1]))\n"
    "for _, id in ipairs(over) do forget(id, due, sizes, total, pending) end\n"
    "return {#over, redis.call('ZCARD', due), tonumber(redis.call('GET', total) or '0')}\n";

const char *redis_script_text(enum redis_script script)
{
    static const char *const texts[REDIS_SCRIPT_N] = {
        [REDIS_PUT] = put_text,
        [REDIS_GET] = get_text,
        [REDIS_WRITTEN] = written_text,
        [REDIS_EXPIRE] = expire_text,
    };
    CHECK(script < REDIS_SCRIPT_N);
    return texts[script];
}
