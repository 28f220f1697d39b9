#!/usr/bin/env bash
# Writes the samples again, with real servers.
#
#   REDIS=/path/to/redis-7.4.1/bin VALKEY=/path/to/valkey-8.1.1/bin web/samples/make.sh
#
# Each bin folder holds `server` and `cli`. The key names and values come from awk with a fixed seed; times, expiries
# and run ids are those of the day, so the files differ in a few bytes from run to run.
set -euo pipefail
: "${REDIS:?folder with the Redis 7.4 server and cli}" "${VALKEY:?folder with the Valkey 8.1 server and cli}"
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
port=${PORT:-17911}
pid=

cleanup() { if [ -n "$pid" ]; then kill "$pid" 2>/dev/null || true; fi; rm -rf "$work"; }
trap cleanup EXIT

start() { # bin dir options...
    local bin=$1 dir=$2
    shift 2
    mkdir -p "$dir"
    "$bin/server" --port "$port" --bind 127.0.0.1 --dir "$dir" --save "" --daemonize no --enable-debug-command yes \
        --auto-aof-rewrite-percentage 0 "$@" >"$work/log" 2>&1 &
    pid=$!
    cli="$bin/cli -p $port"
    for _ in $(seq 100); do $cli ping 2>/dev/null | grep -q PONG && return; sleep 0.1; done
    cat "$work/log" >&2
    exit 1
}
stop() { $cli shutdown nosave 2>/dev/null || true; wait "$pid" 2>/dev/null || true; pid=; }
run() { # commands on standard input; an answer that is an error ends the script
    $cli >"$work/answers"
    if grep -m 3 -E '^(ERR|WRONGTYPE|\(error\))' "$work/answers" >&2; then exit 1; fi
}

# A cache as most of them look: profiles, sessions, boards, queues, tags, counters, a stream. $1: how many users.
mixed() {
    awk -v users="$1" -v seed="$2" '
    function hex(n,   s) { s = ""; while (n-- > 0) s = s sprintf("%x", int(rand() * 16)); return s }
    function pick(list,   a, n) { n = split(list, a, " "); return a[1 + int(rand() * n)] }
    BEGIN {
        srand(seed)
        for (i = 1; i <= users; i++) {
            id = 10000 + i * 7
            printf "HSET user:%d:profile name %s%d plan %s country %s created 17%08d score %.2f\n", id, \
                pick("ada bo chen dia eli fay gus"), i, pick("free free free pro team"), pick("de fr jp br us ke"), rand() * 99999999, rand() * 100
            if (i % 25 == 0) printf "HSET user:%d:profile bio \"%s\"\n", id, "Runs a small shop and answers within a day or two. " hex(12)
        }
        for (i = 1; i <= users * 1.2; i++) {
            printf "SET session:%s \"{\\\"uid\\\":%d,\\\"csrf\\\":\\\"%s\\\",\\\"lang\\\":\\\"%s\\\"}\"", hex(24), 10000 + int(rand() * users) * 7, hex(8), pick("en de fr ja")
            if (rand() < 0.62) printf " EX %d", 86400 + int(rand() * 86400 * 89)
            printf "\n"
        }
        for (b = 1; b <= 8; b++) {
            for (m = 0; m < 160; m++) { if (m % 40 == 0) printf "%sZADD board:%d", m ? "\n" : "", b; printf " %d player:%d", rand() * 100000, 10000 + int(rand() * users) * 7 }
            printf "\n"
        }
        for (q = 1; q <= 3; q++) for (j = 0; j < 120; j++)
            printf "RPUSH queue:%s \"{\\\"job\\\":%d,\\\"to\\\":%d,\\\"try\\\":%d}\"\n", pick("mail thumbs billing"), 90000 + q * 500 + j, 10000 + int(rand() * users) * 7, rand() * 3
        for (i = 1; i <= users / 4; i++) { printf "SADD tags:item:%d", i; for (t = 0; t < 3 + rand() * 6; t++) printf " %s", pick("new sale red blue green wool cotton linen summer winter kids outlet"); printf "\n" }
        for (i = 1; i <= users / 4; i++) { printf "SADD follow:%d", 10000 + i * 7; for (t = 0; t < 4 + rand() * 20; t++) printf " %d", 10000 + int(rand() * users) * 7; printf "\n" }
        for (i = 1; i <= users / 2; i++) printf "INCRBY counter:page:%d %d\n", i, rand() * 50000
        for (i = 1; i <= 400; i++) printf "XADD events:orders 176300%07d-%d order %d state %s total %.2f\n", i * 4211, i % 3, 500000 + i, pick("new paid sent"), rand() * 300
        printf "XGROUP CREATE events:orders shipping 0\nXREADGROUP GROUP shipping worker-1 COUNT 12 STREAMS events:orders >\n"
        for (d = 1; d <= 9; d++) { printf "PFADD visitors:2026-11-%02d", d; for (v = 0; v < 60; v++) printf " %s", hex(10); printf "\n" }
        printf "HSET config:features dark_mode 1 new_checkout 0 max_cart 50\nSET config:motd \"Back at 04:00 UTC\"\n"
        printf "SELECT 1\n"
        for (i = 1; i <= users / 6; i++) printf "SET cache:html:%s \"%s\" EX %d\n", hex(32), "<!doctype html><title>Item " i "</title><p>Made of wool, linen and a little patience." hex(20), 3600 + rand() * 86400
        printf "SELECT 0\n"
    }'
}

# 1. A healthy snapshot. Some locks have expired, but nobody has removed them when it is saved.
start "$REDIS" "$work/healthy"
mixed 900 7 | run
{ echo "DEBUG SET-ACTIVE-EXPIRE 0"; for i in $(seq 90); do echo "SET lock:order:$((500000 + i)) held PX 1"; done; } | run
# The file says when it was saved in whole seconds: let the second of their expiry pass.
sleep 2.2
$cli save >/dev/null
stop
mkdir -p "$here/healthy" && cp "$work/healthy/dump.rdb" "$here/healthy/cache.rdb"

# 2. One hash that outweighs everything else: a mark per day and employee, 220 days in one field.
start "$REDIS" "$work/bigkey"
mixed 120 11 | run
awk 'BEGIN {
    srand(3)
    for (i = 0; i < 20000; i++) {
        s = ""
        for (d = 0; d < 22; d++) s = s "0000000000"
        if (i % 9 == 0) { at = 1 + int(rand() * 210); s = substr(s, 1, at) "1" substr(s, at + 2) }
        if (i % 100 == 0) printf "%sHSET attendance:2026", i ? "\n" : ""
        printf " %d %s", i, s
    }
    printf "\n" }' | run
$cli save >/dev/null
stop
mkdir -p "$here/bigkey" && cp "$work/bigkey/dump.rdb" "$here/bigkey/attendance.rdb"

# 3. A tape of a base and two increments. The second rewrite is interrupted, so the server goes on in a new increment;
#    then the machine loses power in the middle of a transaction.
start "$REDIS" "$work/torn" --appendonly yes --aof-timestamp-enabled yes
mixed 300 13 | run
$cli bgrewriteaof >/dev/null
while $cli info persistence | grep -q 'aof_rewrite_in_progress:1'; do sleep 0.1; done
awk 'BEGIN { srand(5); for (i = 1; i <= 900; i++) { printf "INCRBY counter:page:%d 1\n", 1 + rand() * 150; if (i % 6 == 0) printf "HSET user:%d:profile score %.2f\n", 10000 + 7 * (1 + int(rand() * 300)), rand() * 100 } }' | run
$cli config set rdb-key-save-delay 20000 >/dev/null
$cli bgrewriteaof >/dev/null
sleep 0.5
child=$(pgrep -P "$pid")
kill -9 "$child"
while $cli info persistence | grep -q 'aof_rewrite_in_progress:1'; do sleep 0.1; done
$cli config set rdb-key-save-delay 0 >/dev/null
awk 'BEGIN { srand(6); for (i = 1; i <= 400; i++) { printf "RPUSH queue:mail job-%d\nINCRBY counter:page:%d 1\n", i, 1 + rand() * 150 }
    for (i = 1; i <= 20; i++) printf "MULTI\nLPOP queue:mail\nHSET user:%d:profile mailed 1\nINCR counter:mailed\nEXEC\n", 10000 + 7 * i }' | run
sleep 1.2
stop
rm -rf "$here/torn" && mkdir -p "$here/torn" && cp -r "$work/torn/appendonlydir" "$here/torn/appendonlydir"
last=$(ls "$here"/torn/appendonlydir/*.incr.aof | sort -V | tail -1)
# In the middle of the HSET of the last transaction.
bytes=$(stat -c %s "$last")
truncate -s $((bytes - 61)) "$last"

# 4. Twenty seconds of work, and a FLUSHALL nobody meant.
start "$VALKEY" "$work/flushall" --appendonly yes --aof-timestamp-enabled yes
mixed 150 17 | run
for s in $(seq 20); do
    awk -v s="$s" 'BEGIN { srand(100 + s); for (i = 1; i <= 60 + rand() * 60; i++) { printf "INCRBY counter:page:%d 1\n", 1 + rand() * 75
        if (i % 4 == 0) printf "SET session:%06x%06x%06x uid-%d EX 1209600\n", rand() * 16777215, rand() * 16777215, rand() * 16777215, 10000 + int(rand() * 150) * 7
        if (i % 5 == 0) printf "HSET user:%d:profile score %.2f\n", 10000 + 7 * (1 + int(rand() * 150)), rand() * 100
        if (i % 9 == 0) printf "ZADD board:%d %d player:%d\n", 1 + rand() * 8, rand() * 100000, 10000 + int(rand() * 150) * 7 } }' | run
    if [ "$s" -eq 13 ]; then $cli flushall >/dev/null; fi
    sleep 1
done
sleep 1.2
stop
rm -rf "$here/flushall" && mkdir -p "$here/flushall" && cp -r "$work/flushall/appendonlydir" "$here/flushall/appendonlydir"

ls -l "$here"/*/* | cat
