"""T21: what our parsers of JSON and XML (jansson and libxml2, with what we add) make of an input, and what others do: Python's json, which is
its own, and expat. Inputs are made from a seed: well formed, and then often with something wrong. Whether it is understood, and as what,
must be the same, but for the differences that are named here, each with its reason.
Usage: t21_agree.py [INPUTS]: how many of each (default 10000)."""
import json, os, random, re, struct, subprocess, sys
from pyexpat import ExpatError, ParserCreate
from storefault import BUILD, check, finish
from inputs import harm

INPUTS = int(sys.argv[1]) if len(sys.argv) > 1 else 10000
SAY = os.path.join(BUILD, "fault-parse_say")


def ours(kind, inputs):
    asked = b"".join(kind + struct.pack("<I", len(i)) + i for i in inputs)
    out = subprocess.run([SAY], input=asked, capture_output=True, check=True).stdout.split(b"\n")[:-1]
    return [None if line == b"no" else line[4:] for line in out]


# ---- JSON ----

TEXTS = ["", "a", "名称", "\\n", "\\u4e2d", "\\ud83d\\ude00", "😀", "\\/", "\\\"", "\u2028", "a b", "\\u0000", "é"]
NUMBERS = ["0", "-0", "1", "-17", "3.25", "1e5", "1E+5", "2e-3", "12345678901234567890", "0.1", "1e400"]
BITS = [b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"\\u", b"\\ud800", b"0", b"-", b".", b"e", b"null", b"true", b"NaN", b"Infinity", b"\x00", b"\x01",
        b"\xff", b"\xed\xa0\x80", b"\xc0\xaf", b" ", b"\t", b"\x0b", b"//", b"\xef\xbb\xbf", b"'", b"1", b"01", b'"a":1,']


def value(rng, depth):
    kind = rng.randrange(7 if depth else 5)
    if kind < 2:
        return '"' + "".join(rng.choice(TEXTS) for _ in range(rng.randrange(3))) + '"'
    if kind == 2:
        return rng.choice(NUMBERS)
    if kind < 5:
        return rng.choice(["true", "false", "null"])
    blank = rng.choice(["", " ", "\n", "\t"])
    n = rng.randrange(4)
    if kind == 5:
        return "[" + ("," + blank).join(value(rng, depth - 1) for _ in range(n)) + blank + "]"
    return "{" + blank + ("," + blank).join(f'"k{i}{rng.choice(TEXTS)}":{blank}{value(rng, depth - 1)}' for i in range(n)) + "}"


class Twice(Exception):
    pass


def once(pairs):
    if len({k for k, _ in pairs}) != len(pairs):
        raise Twice
    return dict(pairs)


def not_json(word):
    raise ValueError(word)


def theirs_json(data):
    """(understood, as what). Numbers by their digits."""
    try:
        text = data.decode("utf-8")
        if text.startswith("\ufeff"):
            return False, None
        v = json.loads(text, parse_int=lambda s: ("n", s), parse_float=lambda s: ("n", s), parse_constant=not_json, object_pairs_hook=once)
    except Twice:
        return False, None  # RFC 8259 leaves it open; we refuse it
    except (ValueError, RecursionError):
        return False, None
    return True, v


def lone(v):
    """Half of a surrogate pair is no character: Python takes it, we do not."""
    if isinstance(v, str):
        return any(0xD800 <= ord(c) < 0xE000 for c in v)
    if isinstance(v, dict):
        return any(lone(k) or lone(x) for k, x in v.items())
    return isinstance(v, list) and any(map(lone, v))


def agree_json(data, said):
    good, v = theirs_json(data)
    if good and lone(v):
        good = False
    if good != (said is not None):
        return False
    return not good or theirs_json(said) == (True, v)


# ---- XML ----

NAMES = ["a", "b", "p:c", "名", "x-1", "_y"]
CHARACTERS = ["text", "中文", " ", "&lt;", "&amp;", "&#20013;", "&#x41;", "<![CDATA[<raw>]]>", "<!-- note -->", "<?pi some?>", "\n", "\r\n", "]]", ">"]
MARKS = [b"<", b">", b"&", b";", b'"', b"'", b"/", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"&nbsp;", b"&#0;", b"&#xD800;", b"\x00", b"\x01", b"\xff", b"<a>", b"</a>",
         b"<!DOCTYPE a>", b"xmlns=''", b" p:q='1'", b"<?xml version='1.0'?>", b"=", b" ", b"\xc0\x80", b"a='1' a='2'", b":"]


def element(rng, depth):
    name = rng.choice(NAMES)
    attrs = "".join(f' {n}="{rng.choice(["", "v", "&quot;", "中", "a  b", "&#10;", "x&lt;y"])}"' for n in rng.sample(["k", "l", "p:m", "名"], rng.randrange(3)))
    body = "".join(element(rng, depth - 1) if depth and rng.random() < 0.4 else rng.choice(CHARACTERS) for _ in range(rng.randrange(4)))
    return f"<{name}{attrs}>{body}</{name}>" if body or rng.random() < 0.5 else f"<{name}{attrs}/>"


def document(rng):
    head = rng.choice(["", "", '<?xml version="1.0" encoding="UTF-8"?>', "<!-- first -->"])
    default = rng.choice(["", ' xmlns="urn:d"'])
    return f'{head}<r{default} xmlns:p="urn:p">{element(rng, 3)}{element(rng, 2)}</r>'.encode()


URI = re.compile(r"[a-z][a-z0-9+.-]*:[\w.~:/?@!$&'()*+,;=-]*", re.I | re.A)
# What expat takes: a document type (we never do, whatever stands in it); a version that is not 1.0, a namespace whose name is no URI with its
# scheme (libxml2 has something to say of these, and we take nothing of which it has).
# And what it refuses and we take: letters of names that the fifth edition of XML 1.0 added.
TYPE, VERSION, NAMESPACE = range(3)
ADDED = re.compile("[<\\s/:][^<>\\s/=]*[\u0132-\u0133\u0218-\u0370\u1000-\u109f\u1200-\u1dff\u2c00-\u2fef\u3130-\u4dff\ua000-\uabff\uf900-\uffff\U00010000-\U000effff]")


def expat(data):
    """(understood, as what, what of these it holds)."""
    p, out, odd = ParserCreate("UTF-8", "}"), [], set()

    def name(s):
        ns, _, local = s.rpartition("}")
        return ns.encode().hex() + "}" + local.encode().hex()

    def start(n, attrs):
        out.append("(" + name(n) + "".join(f" {name(attrs[i])}={attrs[i + 1].encode().hex()}" for i in range(0, len(attrs), 2)) + " ")

    p.ordered_attributes = True
    p.StartElementHandler, p.EndElementHandler = start, lambda n: out.append(")")
    p.CharacterDataHandler = lambda s: out.append(s.encode().hex())
    p.StartDoctypeDeclHandler = lambda *a: odd.add(TYPE)
    p.XmlDeclHandler = lambda version, *a: version == "1.0" or odd.add(VERSION)
    p.StartNamespaceDeclHandler = lambda prefix, uri: uri is None or URI.fullmatch(uri) or odd.add(NAMESPACE)
    try:
        p.Parse(data, True)
    except (ExpatError, ValueError):
        return False, None, odd
    return True, "".join(out), odd


def agree_xml(data, said):
    good, tree, odd = expat(data)
    if TYPE in odd or (odd and said is None):
        return said is None
    return (tree.encode() if good else None) == said or (not good and ADDED.search(data.decode(errors="ignore")) is not None)


def play(kind, make, words, agree, seed):
    rng, inputs = random.Random(seed), []
    for i in range(INPUTS):
        data = make(rng)
        inputs.append(harm(rng, data, words) if i % 3 else data)
    said = ours(kind, inputs)
    different = [(i, s) for i, s in zip(inputs, said) if not agree(i, s)]
    good = sum(s is not None for s in said)
    print(f"{kind.decode()}: {INPUTS} inputs, {good} understood")
    for i, s in different[:6]:
        print("   ", i[:200], "->", s if s is None else s[:200])
    check(len(said) == INPUTS and INPUTS * 0.3 < good < INPUTS * 0.9, f"T21: {kind.decode()}: both kinds of answers")
    check(not different, f"T21: {kind.decode()}: {len(different)} differences")
    sample = next((i, s) for i, s in zip(inputs, said) if s is not None and len(s) > 20)
    check(not agree(sample[0], None) and not agree(sample[0], sample[1][:-2] + b"0]"), f"T21: {kind.decode()}: control: another answer is a difference")


play(b"J", lambda rng: value(rng, 4).encode(), BITS, agree_json, 21)
play(b"X", document, MARKS, agree_xml, 22)
finish()
