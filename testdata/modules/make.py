#!/usr/bin/env python3
"""Has servers with modules write `<server>.rdb`, and writes down in `<server>.json` what the modules' own commands answer.

    make.py SERVERS      where SERVERS/<server>/bin/server is a server and SERVERS/<server>/lib has its modules
"""
import json, os, socket, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
MODULES = ["redisbloom.so", "redistimeseries.so", "rejson.so"]


class Client:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.file = self.socket.makefile("rb")

    def __call__(self, *words):
        words = [w if isinstance(w, bytes) else str(w).encode() for w in words]
        out = b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)
        self.socket.sendall(out)
        answer = self.reply()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def reply(self):
        line = self.file.readline()[:-2]
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest.decode()
        if kind == b"-":
            return RuntimeError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind == b"$":
            n = int(rest)
            return None if n < 0 else self.file.read(n + 2)[:-2].decode("utf-8", "backslashreplace")
        if kind == b"*":
            return None if int(rest) < 0 else [self.reply() for _ in range(int(rest))]
        raise RuntimeError(line)


def pairs(answer):
    return dict(zip(answer[0::2], answer[1::2]))


def bloom(ask, keys):
    def note(name, **known):
        keys[name] = {"info": pairs(ask("BF.INFO", name)), **known}

    ask("BF.RESERVE", "bloom:one", "0.005", 100)
    ask("BF.ADD", "bloom:one", "a")
    note("bloom:one")
    ask("BF.RESERVE", "bloom:many", "0.01", 4, "EXPANSION", 3)
    for n in range(40):
        ask("BF.ADD", "bloom:many", f"item:{n}")
    note("bloom:many")
    ask("BF.RESERVE", "bloom:fixed", "0.001", 50, "NONSCALING")
    note("bloom:fixed")
    ask("CF.RESERVE", "cuckoo:one", 100, "BUCKETSIZE", 4, "MAXITERATIONS", 30, "EXPANSION", 2)
    for n in range(9):
        ask("CF.ADD", "cuckoo:one", f"item:{n}")
    ask("CF.DEL", "cuckoo:one", "item:3")
    keys["cuckoo:one"] = {"info": pairs(ask("CF.INFO", "cuckoo:one"))}
    ask("CF.RESERVE", "cuckoo:many", 8, "BUCKETSIZE", 1, "EXPANSION", 2)
    for n in range(60):
        ask("CF.ADD", "cuckoo:many", f"item:{n}")
    keys["cuckoo:many"] = {"info": pairs(ask("CF.INFO", "cuckoo:many"))}
    ask("CMS.INITBYDIM", "cms", 50, 4)
    ask("CMS.INCRBY", "cms", "a", 5, "b", 37)
    keys["cms"] = {"info": pairs(ask("CMS.INFO", "cms"))}
    ask("TOPK.RESERVE", "topk", 3, 8, 7, "0.9")
    for item, n in [("red", 9), ("green", 5), ("blue violet", 7), ("rare", 1)]:
        ask("TOPK.INCRBY", "topk", item, n)
    keys["topk"] = {"info": pairs(ask("TOPK.INFO", "topk")), "list": ask("TOPK.LIST", "topk", "WITHCOUNT")}
    ask("TOPK.RESERVE", "topk:half", 4, 8, 7, "0.925")
    ask("TOPK.ADD", "topk:half", "only")
    keys["topk:half"] = {"info": pairs(ask("TOPK.INFO", "topk:half")), "list": ask("TOPK.LIST", "topk:half", "WITHCOUNT")}
    ask("TDIGEST.CREATE", "tdigest", "COMPRESSION", 50)
    ask("TDIGEST.ADD", "tdigest", *[n * n / 8 for n in range(200)])
    keys["tdigest"] = {"info": pairs(ask("TDIGEST.INFO", "tdigest")), "min": ask("TDIGEST.MIN", "tdigest"), "max": ask("TDIGEST.MAX", "tdigest")}
    ask("TDIGEST.CREATE", "tdigest:empty")
    keys["tdigest:empty"] = {"info": pairs(ask("TDIGEST.INFO", "tdigest:empty"))}


def series(ask, keys):
    def note(name):
        info = pairs(ask("TS.INFO", name))
        keys[name] = {"info": info, "samples": ask("TS.RANGE", name, "-", "+")}

    ask("TS.CREATE", "ts:plain", "RETENTION", 315360000000, "LABELS", "room", "kitchen", "unit", "°C")
    at = 1700000000000
    for n in range(300):
        # Every width a timestamp and a value can take.
        at += [1000, 1000, 1001, 990, 1500, 30000, 900000, 1000, 10 ** 8, 5 * 10 ** 9][n % 10 if n % 37 == 0 else n % 3]
        value = [20, 20.5, 20.5, -3.25, 1e300, 0.1 * n, n / 7][n % 7]
        ask("TS.ADD", "ts:plain", at, repr(value))
    note("ts:plain")
    ask("TS.CREATE", "ts:chunks", "CHUNK_SIZE", 128, "DUPLICATE_POLICY", "MAX")
    for n in range(200):
        ask("TS.ADD", "ts:chunks", 1000 * n + n % 5, repr(n * n / 3))
    note("ts:chunks")
    ask("TS.CREATE", "ts:uncompressed", "ENCODING", "UNCOMPRESSED", "CHUNK_SIZE", 64)
    for n in range(11):
        ask("TS.ADD", "ts:uncompressed", 50 * n, repr(n * 1.5))
    note("ts:uncompressed")
    ask("TS.CREATE", "ts:empty")
    note("ts:empty")
    ask("TS.CREATE", "ts:raw")
    for kind in ["avg", "sum", "min", "max", "range", "count", "first", "last", "std.p", "std.s", "var.p", "var.s", "twa"]:
        ask("TS.CREATE", f"ts:{kind}")
        ask("TS.CREATERULE", "ts:raw", f"ts:{kind}", "AGGREGATION", kind, 60000, 500)
    for n in range(25):
        ask("TS.ADD", "ts:raw", 10000 * n, n)
    note("ts:raw")
    note("ts:avg")


def documents(ask, keys):
    for name, text in [
        ("json:object", '{"a":[1,2.5,null,true,{"b":"é\\n\\u0001"}],"n":-12345678901234,"f":1e300,"s":"it\'s \\"so\\""}'),
        ("json:array", "[]"),
        ("json:text", '"plain"'),
        ("json:number", "0.1"),
    ]:
        ask("JSON.SET", name, "$", text)
        keys[name] = {"json": ask("JSON.GET", name)}


def vectors(ask, keys):
    def note(name, members):
        keys[name] = {"info": pairs(ask("VINFO", name)), "members": {}}
        for member in members:
            links = ask("VLINKS", name, member)
            keys[name]["members"][member] = {
                "vector": ask("VEMB", name, member),
                "attributes": ask("VGETATTR", name, member),
                "levels": len(links),
                "links": [sorted(level) for level in links],
            }

    def add(name, n, dim, *options):
        for i in range(n):
            values = [((i + 1) * (j + 3)) % 11 - 5 + 0.25 for j in range(dim)]
            ask("VADD", name, "VALUES", dim, *[repr(v) for v in values], f"{name}/{i}", *options)
        note(name, [f"{name}/{i}" for i in range(n)])

    add("vectors:f32", 20, 4, "NOQUANT")
    add("vectors:int8", 6, 5, "Q8")
    add("vectors:bin", 3, 70, "BIN")
    add("vectors:m", 2, 3, "NOQUANT", "M", 8)
    ask("VADD", "vectors:attributes", "VALUES", 2, 3, 4, "with", "NOQUANT", "SETATTR", '{"year":1984}')
    ask("VADD", "vectors:attributes", "VALUES", 2, -1, 0.5, "without", "NOQUANT")
    note("vectors:attributes", ["with", "without"])
    ask("VADD", "vectors:reduced", "REDUCE", 2, "VALUES", 6, *range(6), "small", "NOQUANT")
    note("vectors:reduced", ["small"])


def write(servers, name, fill):
    home = tempfile.mkdtemp()
    lib = os.path.join(servers, name, "lib")
    command = [os.path.join(servers, name, "bin", "server"), "--port", "0", "--unixsocket", f"{home}/s", "--dir", home, "--save", ""]
    for module in MODULES if fill[0] is not vectors else []:
        command += ["--loadmodule", os.path.join(lib, module)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            time.sleep(0.1)
            if os.path.exists(f"{home}/s"):
                break
        ask = Client(f"{home}/s")
        keys = {}
        for part in fill:
            part(ask, keys)
        ask("SAVE")
        modules = [[pairs(m)["name"], pairs(m)["ver"]] for m in ask("MODULE", "LIST")]
        with open(f"{home}/dump.rdb", "rb") as file, open(f"{HERE}/{name}.rdb", "wb") as out:
            out.write(file.read())
        with open(f"{HERE}/{name}.json", "w") as out:
            json.dump({"server": name, "modules": sorted(modules), "keys": keys}, out, indent=1, ensure_ascii=False, sort_keys=True)
            out.write("\n")
    finally:
        server.terminate()
        server.wait()


for name in ["redis-7.2.4", "redis-7.4.1"]:
    write(sys.argv[1], name, [bloom, series, documents])
write(sys.argv[1], "redis-8.2.3", [vectors])
