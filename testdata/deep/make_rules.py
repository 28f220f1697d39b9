#!/usr/bin/env python3
"""Makes rules.json: minimal snapshots of one key that break one rule each, and what servers do with them.

    make_rules.py SERVERS > rules.json

SERVERS is a folder with one folder per server, called like redis-7.4.1, that has bin/server and bin/check-rdb. Each snapshot is
loaded twice, with sanitize-dump-payload no and yes, and given to the check tool. `finds` of an existing rules.json is kept: what
the deep check has to say, offset and rule, is written by hand.
"""
import json, os, socket, struct, subprocess, sys, tempfile, time

def ln(n):
    if n<64: return bytes([n])
    if n<16384: return bytes([0x40|n>>8,n&255])
    return b'\x80'+struct.pack('>I',n)
def st(b): return ln(len(b))+b
def back(n):
    if n<=127: return bytes([n])
    if n<16384: return bytes([n>>7,(n&127)|128])
    return bytes([n>>14,(n>>7&127)|128,(n&127)|128])
def lpe(x):
    if isinstance(x,int):
        if 0<=x<128: e=bytes([x])
        elif -4096<=x<4096: e=bytes([0xc0|((x>>8)&0x1f),x&255])
        else: e=b'\xf4'+struct.pack('<q',x)
    elif len(x)<64: e=bytes([0x80|len(x)])+x
    else: e=bytes([0xe0|len(x)>>8,len(x)&255])+x
    return e+back(len(e))
def lp(*xs,count=None,raw=b''):
    body=b''.join(map(lpe,xs))+raw
    return struct.pack('<IH',7+len(body),len(xs) if count is None else count)+body+b'\xff'
def zl(*xs,tail=None,count=None,prev=None):
    body=b'';p=0;pos=10;last=10
    for i,x in enumerate(xs):
        e=bytes([p if prev is None or i!=1 else prev])
        if isinstance(x,int): e+=b'\xfe'+struct.pack('b',x)
        else: e+=bytes([len(x)])+x
        last=10+len(body); body+=e; p=len(e)
    t=last if xs else 10
    return struct.pack('<IIH',11+len(body),t if tail is None else tail,len(xs) if count is None else count)+body+b'\xff'
def intset(w,*v,n=None): return struct.pack('<II',w,len(v) if n is None else n)+b''.join(x.to_bytes(w,'little',signed=True) for x in v)
def zipmap(*pairs,count=None):
    return bytes([len(pairs) if count is None else count])+b''.join(bytes([len(f)])+f+bytes([len(v),0])+v for f,v in pairs)+b'\xff'
def d(x): return struct.pack('<d',x)
def sid(ms,seq): return struct.pack('>QQ',ms,seq)
def rec(ms,seq,v,flags=2,lpc=None): return [flags,ms,seq,v,4 if lpc is None else lpc]
def slp(*recs,live=None,deleted=0,term=0,extra=[]):
    xs=[len(recs)-deleted if live is None else live,deleted,1,b'f',term]
    for r in recs: xs+=r
    return lp(*xs,*extra)
GOOD=slp(rec(0,0,b'v'),rec(0,1,b'w'))
def stream(nodes=[(sid(1,0),GOOD)],length=2,last=(1,1),groups=[],v=3):
    b=ln(len(nodes))+b''.join(st(k)+st(l) for k,l in nodes)
    b+=ln(length)+ln(last[0])+ln(last[1])
    if v>=2: b+=ln(1)+ln(0)+ln(0)+ln(0)+ln(length)
    b+=ln(len(groups))
    for g in groups: b+=g
    return b
def group(name=b'g',pel=[],cons=[],v=3):
    b=st(name)+ln(1)+ln(0)
    if v>=2: b+=ln(0)
    b+=ln(len(pel))+b''.join(sid(*i)+struct.pack('<q',1000)+ln(1) for i in pel)
    b+=ln(len(cons))
    for n,ids in cons:
        b+=st(n)+struct.pack('<q',1000)+(struct.pack('<q',1000) if v>=3 else b'')+ln(len(ids))+b''.join(sid(*i) for i in ids)
    return b
T=[]  # name,type,payload
def c(n,t,p): T.append((n,t,p))
for t in (10,12,13):
    x=[b'a',1,b'b',2]
    c(f'zl{t}-good',t,st(zl(*x)))
    c(f'zl{t}-size',t,st(zl(*x)[:0]+struct.pack('<I',99)+zl(*x)[4:]))
    c(f'zl{t}-noend',t,st(zl(*x)[:-1]+b'\0'))
    c(f'zl{t}-tail',t,st(zl(*x,tail=13)))
    c(f'zl{t}-tail-out',t,st(zl(*x,tail=200)))
    c(f'zl{t}-prevlen',t,st(zl(*x,prev=9)))
    c(f'zl{t}-count',t,st(zl(*x,count=3)))
c('zl13-encoding',13,st(struct.pack('<IIH',14,12-2,1)+b'\0\xff\xff'+b'\xff'))
c('zl13-odd',13,st(zl(b'a',1,b'b'))); c('zl12-odd',12,st(zl(b'a',1,b'b')))
c('zl13-dup',13,st(zl(b'a',1,b'a',2))); c('zl12-dup',12,st(zl(b'a',1,b'a',2)))
c('zl13-dupint',13,st(zl(b'5',1,5,2)))
c('zl12-order',12,st(zl(b'a',3,b'b',2))); c('zl12-nan',12,st(zl(b'a',b'nan'))); c('zl12-text',12,st(zl(b'a',b'xx')))
for t,x in ((16,[b'a',1,b'b',2]),(17,[b'a',1,b'b',2]),(20,[b'a',1,b'b',2])):
    g=lp(*x)
    c(f'lp{t}-good',t,st(g)); c(f'lp{t}-total',t,st(struct.pack('<I',99)+g[4:])); c(f'lp{t}-noend',t,st(g[:-1]+b'\0'))
    c(f'lp{t}-count',t,st(lp(*x,count=3)))
    c(f'lp{t}-backlen',t,st(g[:8]+b'\x07'+g[9:]))
    c(f'lp{t}-past',t,st(g[:6]+b'\xbf'+g[7:]))
    c(f'lp{t}-encoding',t,st(g[:6]+b'\xf7'+g[7:]))
c('lp16-odd',16,st(lp(b'a',1,b'b'))); c('lp17-odd',17,st(lp(b'a',1,b'b')))
c('lp16-dup',16,st(lp(b'a',1,b'a',2))); c('lp17-dup',17,st(lp(b'a',1,b'a',2))); c('lp20-dup',20,st(lp(b'a',b'a')))
c('lp16-dupint',16,st(lp(5,1,b'5',2)))
c('lp17-order',17,st(lp(b'a',3,b'b',2))); c('lp17-nan',17,st(lp(b'a',b'nan'))); c('lp17-text',17,st(lp(b'a',b'xx')))
c('is-good',11,st(intset(2,1,2,3))); c('is-width',11,st(intset(2,1,2,3).replace(b'\2',b'\3',1))); c('is-size',11,st(intset(2,1,2,3,n=4)))
c('is-empty',11,st(intset(2))); c('is-order',11,st(intset(2,1,3,2))); c('is-dup',11,st(intset(2,1,2,2)))
c('zm-good',9,st(zipmap((b'a',b'1'),(b'b',b'2')))); c('zm-count',9,st(zipmap((b'a',b'1'),count=2))); c('zm-255',9,st(zipmap((b'a',b'1'),count=255)))
c('zm-254',9,st(zipmap((b'a',b'1'),count=254))); c('zm-empty',9,st(zipmap())); c('zm-dup',9,st(zipmap((b'a',b'1'),(b'a',b'2')))); c('zm-noend',9,st(zipmap((b'a',b'1'))[:-1]+b'\0'))
c('zm-past',9,st(b'\1\1a\x30\0b\xff'))
c('set-dup',2,ln(2)+st(b'a')+st(b'a')); c('set-dupint',2,ln(2)+st(b'7')+b'\xc0\x07')
c('zset-dup',5,ln(2)+st(b'a')+d(1)+st(b'a')+d(2)); c('zset-dup-same',5,ln(2)+st(b'a')+d(1)+st(b'a')+d(1)); c('zset3-dup',3,ln(2)+st(b'a')+b'\x011'+st(b'a')+b'\x012')
c('zset-nan',5,ln(1)+st(b'a')+d(float('nan'))); c('zset3-nan',3,ln(1)+st(b'a')+b'\xfd')
c('hash-dup',4,ln(2)+(st(b'a')+st(b'1'))*2); c('hash-dup-longvalue',4,ln(2)+st(b'a')+st(b'1')+st(b'a')+st(b'x'*70))
big=b''.join(st(b'k%d'%i)+st(b'v') for i in range(600))
c('hash-dup-600',4,ln(601)+big+st(b'k5')+st(b'v'))
c('hash-dup-200',4,ln(201)+b''.join(st(b'k%d'%i)+st(b'v') for i in range(200))+st(b'k5')+st(b'v'))
c('lzf-short',0,b'\xc3'+ln(9)+ln(33)+bytes.fromhex('016161e01300016161')); c('lzf-before',0,b'\xc3'+ln(4)+ln(40)+bytes([0,97,0xff,9])[:4])
c('ql14-good',14,ln(1)+st(zl(b'a'))); c('ql14-prevlen',14,ln(1)+st(zl(b'a',b'b',prev=9))); c('ql14-tail',14,ln(1)+st(zl(b'a',b'b',tail=10))); c('ql14-count',14,ln(1)+st(zl(b'a',b'b',count=3)))
c('ql18-good',18,ln(1)+ln(2)+st(lp(b'a'))); c('ql18-count',18,ln(1)+ln(2)+st(lp(b'a',count=2))); c('ql18-backlen',18,ln(1)+ln(2)+st(lp(b'a').replace(b'a\x02',b'a\x03'))); c('ql18-plain0',18,ln(1)+ln(1)+st(b'')); c('ql18-emptynode',18,ln(2)+ln(2)+st(lp())+ln(2)+st(lp(b'a')))
c('ql18-total',18,ln(1)+ln(2)+st(b'\x63'+lp(b'a')[1:]))
c('ql18-container',18,ln(1)+ln(3)+st(lp(b'a')))
M=1<<48
c('hfe24-good',24,struct.pack('<q',1<<45)+ln(1)+ln(1)+st(b'a')+st(b'1'))
c('hfe24-min',24,struct.pack('<q',M+1)+ln(1)+ln(0)+st(b'a')+st(b'1')); c('hfe24-minneg',24,struct.pack('<q',-5)+ln(1)+ln(0)+st(b'a')+st(b'1'))
c('hfe24-min=2^48',24,struct.pack('<q',M)+ln(1)+ln(0)+st(b'a')+st(b'1'))
c('hfe24-expiry',24,struct.pack('<q',M-1)+ln(1)+ln(5)+st(b'a')+st(b'1'))
c('hfe24-dup',24,struct.pack('<q',1<<45)+ln(2)+(ln(1)+st(b'a')+st(b'1'))*2)
c('hfe24-dup-big',24,struct.pack('<q',1<<45)+ln(2)+(ln(1)+st(b'a')+st(b'1'*70))*2)
E45=1<<45
def hfe(*x,mn=E45): return struct.pack('<q',mn)+st(lp(*x))
c('hfe25-good',25,hfe(b'a',1,E45,b'b',1,0)); c('hfe25-order',25,hfe(b'a',1,E45+9,b'b',1,E45)); c('hfe25-zerofirst',25,hfe(b'a',1,0,b'b',1,E45)); c('hfe25-text',25,hfe(b'a',1,b'xx')); c('hfe25-neg',25,hfe(b'a',1,-5)); c('hfe25-big',25,hfe(b'a',1,M)); c('hfe25-tuple',25,hfe(b'a',1,E45,b'b')); c('hfe25-dup',25,hfe(b'a',1,E45,b'a',1,0)); c('hfe25-min',25,hfe(b'a',1,E45,mn=M+9)); c('hfe25-minneg',25,hfe(b'a',1,E45,mn=-9))
c('hash2-good',22,ln(1)+st(b'a')+st(b'1')+struct.pack('<q',E45)); c('hash2-dup',22,ln(2)+(st(b'a')+st(b'1')+struct.pack('<q',E45))*2); c('hash2-neg',22,ln(1)+st(b'a')+st(b'1')+struct.pack('<q',-7)); c('hash2-huge',22,ln(1)+st(b'a')+st(b'1')+struct.pack('<q',(1<<63)-1)); c('hash2-2^48',22,ln(1)+st(b'a')+st(b'1')+struct.pack('<q',M+5)); c('hash2-zero',22,ln(1)+st(b'a')+st(b'1')+struct.pack('<q',0))
for v,t in ((1,15),(2,19),(3,21)):
    S=lambda **k: stream(v=v,**k); G=lambda *a,**k: group(*a,v=v,**k)
    A=(1,0);B=(1,1)
    c(f's{v}-good',t,S(groups=[G(pel=[A],cons=[(b'c',[A])])]))
    c(f's{v}-node-twice',t,S(nodes=[(sid(1,0),GOOD)]*2,length=4))
    c(f's{v}-node-empty',t,S(nodes=[(sid(1,0),lp())],length=0))
    c(f's{v}-keysize',t,S(nodes=[(b'short',GOOD)]))
    c(f's{v}-length',t,S(length=3)); c(f's{v}-length-nonodes',t,S(nodes=[],length=3))
    c(f's{v}-total',t,S(nodes=[(sid(1,0),b'\x63'+GOOD[1:])]))
    c(f's{v}-term',t,S(nodes=[(sid(1,0),slp(rec(0,0,b'v'),rec(0,1,b'w'),term=5))]))
    c(f's{v}-lpcount',t,S(nodes=[(sid(1,0),slp(rec(0,0,b'v',lpc=9),rec(0,1,b'w')))]))
    c(f's{v}-behind',t,S(nodes=[(sid(1,0),slp(rec(0,0,b'v'),rec(0,1,b'w'),extra=[5]))]))
    c(f's{v}-deleted-counter',t,S(nodes=[(sid(1,0),slp(rec(0,0,b'v'),rec(0,1,b'w'),live=1,deleted=1))],length=1))
    c(f's{v}-all-deleted',t,S(nodes=[(sid(1,0),slp(rec(0,0,b'v',flags=3),live=0,deleted=1))],length=0))
    c(f's{v}-order',t,S(nodes=[(sid(1,0),slp(rec(0,1,b'v'),rec(0,0,b'w')))]))
    c(f's{v}-backlen',t,S(nodes=[(sid(1,0),GOOD[:7]+b'\x02'+GOOD[8:])]))
    c(f's{v}-lpheadcount',t,S(nodes=[(sid(1,0),GOOD[:4]+b'\x01\x00'+GOOD[6:])]))
    c(f's{v}-lastid',t,S(last=(0,5)))
    c(f's{v}-group-twice',t,S(groups=[G(),G()]))
    c(f's{v}-pel-twice',t,S(groups=[G(pel=[A,A],cons=[(b'c',[A])])]))
    c(f's{v}-consumer-twice',t,S(groups=[G(cons=[(b'c',[]),(b'c',[])])]))
    c(f's{v}-owned-notpel',t,S(groups=[G(pel=[A],cons=[(b'c',[A,B])])]))
    c(f's{v}-owned-twice',t,S(groups=[G(pel=[A],cons=[(b'c',[A,A])])]))
    c(f's{v}-owned-by-two',t,S(groups=[G(pel=[A],cons=[(b'c',[A]),(b'd',[A])])]))
    c(f's{v}-pel-unowned',t,S(groups=[G(pel=[A,B],cons=[(b'c',[A])])]))

NEED = {16: 10, 17: 10, 18: 10, 19: 10, 20: 11, 21: 11, 24: 12, 25: 12}
NEWEST = {'redis-6.2': 9, 'redis-7.0': 10, 'redis-7.2': 11, 'redis-7.4': 12, 'redis-8.0': 12, 'redis-8.2': 12}


def rdb(t, payload):
    magic = b'VALKEY080' if t == 22 else b'REDIS%04d' % NEED.get(t, 9)
    return magic + b'\xfe\x00' + bytes([t]) + st(b'key') + payload + b'\xff' + bytes(8)


def reads(server, t):
    if t == 22:
        return server.startswith('valkey-9')
    if t in (24, 25) and server.startswith('valkey'):
        return False
    return NEED.get(t, 9) <= NEWEST.get(server.rsplit('.', 1)[0], 11)


def starts(server, folder, sanitize):
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port = probe.getsockname()[1]
    options = {'port': port, 'bind': '127.0.0.1', 'dir': folder, 'save': '', 'appendonly': 'no', 'sanitize-dump-payload': sanitize}
    command = [server + '/bin/server'] + [part for name, value in options.items() for part in ('--' + name, str(value))]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(500):
            if process.poll() is not None:
                return False
            try:
                with socket.create_connection(('127.0.0.1', port), 0.2) as client:
                    client.sendall(b'PING\r\n')
                    if client.recv(100).startswith(b'+PONG'):
                        return True
            except OSError:
                pass
            time.sleep(0.01)
        raise SystemExit(server + ' neither starts nor ends')
    finally:
        process.kill()
        process.wait()


def main(root):
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'rules.json')
    known = {case['name']: case['finds'] for case in json.load(open(here))} if os.path.exists(here) else {}
    lines = []
    for name, t, payload in T:
        servers = {}
        for server in sorted(os.listdir(root)):
            if not os.path.exists(f'{root}/{server}/bin/server') or not reads(server, t):
                continue
            with tempfile.TemporaryDirectory() as folder:
                dump = folder + '/dump.rdb'
                open(dump, 'wb').write(rdb(t, payload))
                tool = subprocess.run([f'{root}/{server}/bin/check-rdb', dump], capture_output=True).returncode
                servers[server] = {
                    'starts': starts(f'{root}/{server}', folder, 'no'),
                    'sanitized': starts(f'{root}/{server}', folder, 'yes'),
                    'tool': tool,
                }
        lines.append(json.dumps({'name': name, 'finds': known.get(name, []), 'rdb': rdb(t, payload).hex(), 'servers': servers}))
    print('[\n' + ',\n'.join(lines) + '\n]')


if __name__ == '__main__':
    main(sys.argv[1])
