#!/usr/bin/env python3
"""核验“兼听”的登记链和回执。只用 Python 3.8 以上自带的库，不用“兼听”的任何代码，不需要联网。

    python jianting_verify.py 登记链.ndjson --public-key 公布的公钥
    python jianting_verify.py 登记链.ndjson --receipt 核验文件.json
    python jianting_verify.py --receipt 核验文件.json --public-key 公布的公钥

退出码：0 没有发现问题，1 发现改动，2 文件读不了。
The formats are described in docs/reference/proof.md.
"""

import argparse
import base64
import hashlib
import json
import re
import sys

HEX = re.compile(r"[0-9a-f]{64}")
MINUTE = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)Z")
SOURCES = {"identity", "report", "letter", "evidence_use", "rating", "event"}
HEAD_FIELDS = {"number", "kind", "after", "position", "hash", "root", "before", "at", "key", "signature"}
PLACE_FIELDS = {"position", "source", "at", "relayed", "before", "path", "head"}
TOLERANCE = 15
"""Minutes by which a report may have been received before one that was written down earlier."""


# SM3, GB/T 32905-2016

WORD = 0xFFFFFFFF
IV = (0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E)


def _turn(word, by):
    by %= 32
    return ((word << by) | (word >> (32 - by))) & WORD


TURNED = [_turn(0x79CC4519 if j < 16 else 0x7A879D8A, j) for j in range(64)]


def _block(state, block):
    w = [int.from_bytes(block[i : i + 4], "big") for i in range(0, 64, 4)]
    for j in range(16, 68):
        x = w[j - 16] ^ w[j - 9] ^ _turn(w[j - 3], 15)
        w.append(x ^ _turn(x, 15) ^ _turn(x, 23) ^ _turn(w[j - 13], 7) ^ w[j - 6])
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        a12 = ((a << 12) | (a >> 20)) & WORD
        s = (a12 + e + TURNED[j]) & WORD
        ss1 = ((s << 7) | (s >> 25)) & WORD
        ff = a ^ b ^ c if j < 16 else (a & b) | (a & c) | (b & c)
        gg = e ^ f ^ g if j < 16 else (e & f) | (~e & g)
        tt1 = (ff + d + (ss1 ^ a12) + (w[j] ^ w[j + 4])) & WORD
        tt2 = (gg + h + ss1 + w[j]) & WORD
        d, c, b, a = c, ((b << 9) | (b >> 23)) & WORD, a, tt1
        h, g, f = g, ((f << 19) | (f >> 13)) & WORD, e
        e = tt2 ^ _turn(tt2, 9) ^ _turn(tt2, 17)
    return tuple(x ^ y for x, y in zip(state, (a, b, c, d, e, f, g, h)))


def sm3_plain(content):
    """SM3 in Python alone: slow, and needing nothing."""
    padded = content + b"\x80" + bytes((55 - len(content)) % 64) + (8 * len(content)).to_bytes(8, "big")
    state = IV
    for at in range(0, len(padded), 64):
        state = _block(state, padded[at : at + 64])
    return b"".join(word.to_bytes(4, "big") for word in state)


def _sm3_of_this_python():
    """The fast SM3 of OpenSSL where this Python offers it and it is right, else our own."""
    expected = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"  # GB/T 32905, A.1: "abc"
    if sm3_plain(b"abc").hex() != expected:
        raise SystemExit(2)
    if "sm3" in hashlib.algorithms_available and hashlib.new("sm3", b"abc").hexdigest() == expected:
        return lambda content: hashlib.new("sm3", content).digest()
    return sm3_plain


sm3 = _sm3_of_this_python()


# Ed25519, RFC 8032 §5.1, verification only

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def _add(one, two):
    a = (one[1] - one[0]) * (two[1] - two[0]) % P
    b = (one[1] + one[0]) * (two[1] + two[0]) % P
    c, d = 2 * one[3] * two[3] * D % P, 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _times(number, point):
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = _add(total, point)
        point = _add(point, point)
        number >>= 1
    return total


def _point(packed):
    y = int.from_bytes(packed, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


BASE = _point(bytes.fromhex("5866666666666666666666666666666666666666666666666666666666666666"))


def signature_fits(key, content, signature):
    """Whether `signature` (64 bytes) over `content` was made with the secret to the public `key` (32 bytes)."""
    if len(key) != 32 or len(signature) != 64:
        return False
    a, r, s = _point(key), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + content).digest(), "little") % ORDER
    left, right = _times(s, BASE), _add(r, _times(h, a))
    return not (left[0] * right[2] - right[0] * left[2]) % P and not (left[1] * right[2] - right[1] * left[2]) % P


class Wrong(Exception):
    """A finding; its text is the sentence."""


def canonical(value):
    """JSON in the one way in which it is signed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def need(condition, sentence):
    """Raise the sentence where the condition does not hold."""
    if not condition:
        raise Wrong(sentence)


def unpacked(text):
    """Hexadecimal digits, in the one way in which they are written, as bytes; nothing where they are none."""
    return bytes.fromhex(text) if isinstance(text, str) and re.fullmatch(r"([0-9a-f]{2})+", text) else b""


def tree(leaves):
    """RFC 9162 §2.1 with SM3."""
    level = [sm3(b"\0" + leaf) for leaf in leaves]
    while len(level) > 1:
        pairs = [sm3(b"\1" + level[at] + level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0] if level else sm3(b"")


def signed(body, mark):
    """Whether what is signed carries a signature by the key that it names."""
    inner = {name: value for name, value in body.items() if name != "signature"}
    return signature_fits(unpacked(body.get("key")), mark + canonical(inner), unpacked(body.get("signature")))


def link_hash(before, digest, position, source, at, relayed):
    """The hash of one link."""
    return sm3(before + digest + f"{position} {source} {at}{' relayed' if relayed else ''}".encode())


class Chain:
    """An export, walked line by line; raises Wrong at the first thing that is not as it was written."""

    def __init__(self, wanted):
        self.wanted, self.places = wanted, {}
        self.position, self.last, self.leaves = 0, bytes(32), []
        self.head, self.keys, self.heads = None, [], 0
        self.reports, self.late, self.latest, self.digests, self.ended = 0, [], None, {}, False

    def walk(self, lines):
        """Check every line of the export."""
        for number, line in enumerate(lines, 1):
            where = f"第 {number} 行"
            need(line.endswith(b"\n") and not self.ended, f"{where}：文件结尾不对。")
            try:
                value = json.loads(line)
            except ValueError:
                raise Wrong(f"{where}：不是本格式。") from None
            need(canonical(value) + b"\n" == line, f"{where}：写法与登记时不同。")
            if number == 1:
                self.keys = [value["key"]]
                need(value == {"format": "jianting-chain/1", "key": self.keys[0]}, f"{where}：不是本格式。")
            elif isinstance(value, list):
                self._link(value, where)
            elif "end" in value:
                self._end(value, where)
            else:
                self._head(value, where)
        need(self.ended, "文件不完整：没有带签名的最后一行，后面的内容被截掉了。")

    def _link(self, value, where):
        need(len(value) == 6, f"{where}：不是本格式。")
        position, source, at, relayed, digest, hashed = value
        need(repr(position) == str(self.position + 1), f"{where}：序号应为 {self.position + 1}。")
        need(source in SOURCES and type(relayed) is bool and MINUTE.fullmatch(at or ""), f"{where}：内容被改动。")
        need(HEX.fullmatch(digest) and HEX.fullmatch(hashed), f"{where}：内容被改动。")
        self.last = link_hash(self.last, bytes.fromhex(digest), position, source, at, relayed)
        need(self.last.hex() == hashed, f"{where}：与前一条接不上，有改动、删去、插入或调换。")
        self.position = position
        self.leaves.append(self.last)
        if position in self.wanted:
            self.places[position] = hashed
        if source == "report":
            self.reports += 1
            self.digests[digest] = (position, self.reports)
            self._arrival(position, at, relayed)

    def _arrival(self, position, at, relayed):
        """Times of receipt told by this service itself must not run backwards in the order of writing."""
        year, month, day, hour, minute = map(int, MINUTE.fullmatch(at).groups())
        when = (((year * 12 + month) * 31 + day) * 24 + hour) * 60 + minute
        if relayed:  # its time was told by somebody else
            return
        if self.latest is not None and when < self.latest - TOLERANCE:
            self.late.append((position, at))
        self.latest = max(when, self.latest or when)

    def _head(self, head, where):
        fields = HEAD_FIELDS | {"next"} if head.get("kind") == "key" else HEAD_FIELDS
        need(set(head) == fields, f"{where}：不是本格式。")
        before = self.head or {"number": -1, "position": 0}
        follows = sm3(canonical(self.head) if self.head else b"").hex()
        need(head["number"] == before["number"] + 1 and head["after"] == before["position"], f"{where}：缺少签名记录。")
        need(head["before"] == follows, f"{where}：与前一个签名记录接不上。")
        need(head["key"] == self.keys[-1], f"{where}：签名用的不是登记过的公钥。")
        need(head["position"] == self.position and head["hash"] == self.last.hex(), f"{where}：签名记录与登记链不符。")
        need(head["root"] == tree(self.leaves).hex(), f"{where}：签名记录与登记链不符。")
        if head["kind"] == "key":
            need(signed(head, b"jianting head\n"), f"{where}：更换公钥的签名不对。")
            self.keys.append(head["next"])
        self.head, self.leaves, self.heads = head, [], self.heads + 1

    def _end(self, end, where):
        need(set(end) == {"end", "number", "at", "signature"} and self.head is not None, f"{where}：不是本格式。")
        # Every head holds the hash of the one before: the last signature stands for all of them.
        need(signed(self.head, b"jianting head\n"), "最后一个签名记录的签名不对：登记链被改过后重新计算过。")
        need((end["end"], end["number"]) == (self.position, self.head["number"]), f"{where}：与登记链不符。")
        inner = canonical({name: end[name] for name in ("end", "number", "at")})
        fits = signature_fits(unpacked(self.keys[-1]), b"jianting export\n" + inner, unpacked(end["signature"]))
        need(fits, f"{where}：签名不对。")
        self.ended = True


def check_string(text, keys, chain):
    """The verification string of a receipt; gives sentences."""
    parts = text.strip().split(".")
    need(len(parts) == 5 and parts[0] == "jt1", "核验码不是 jt1. 开头的五段。")
    try:
        digest, _nonce, signature = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in parts[2:])
    except ValueError:
        raise Wrong("核验码抄写有误。") from None
    promised(parts[1], digest.hex(), signature, keys)
    if chain is None:
        return [f"编号 {parts[1]}：回执是受理单位签发的。有登记链文件时，还能核对它排在第几件。"]
    missing = "回执是真的，但登记链里没有这一件。如果登记链是回执之后导出的，说明它被删除了。"
    need(digest.hex() in chain.digests, f"编号 {parts[1]}：{missing}")
    position, rank = chain.digests[digest.hex()]
    return [f"编号 {parts[1]}：回执是真的，在登记链第 {position} 条，是全部渠道收到的第 {rank} 件。"]


def promised(number, digest, signature, keys):
    """The signature that the receipt bore from the beginning."""
    content = b"jianting receipt\n" + canonical([number, digest])
    need(any(signature_fits(unpacked(key), content, signature) for key in keys), f"编号 {number}：回执上的签名不对。")


def check_proof(proof, keys, chain):
    """A proof file; gives sentences."""
    need(proof["format"] == "jianting-proof/1" and proof["items"], "不是核验文件。")
    need(set(proof) == {"format", "number", "receipt", "items"}, "核验文件被改动。")
    number, said = proof["number"], []
    need(proof["receipt"]["key"] in keys, f"编号 {number}：签名用的不是登记过的公钥。")
    for index, item in enumerate(proof["items"]):
        need(set(item) - {"place"} == {"digest", "nonce", "opening"}, f"编号 {number}：核验文件被改动。")
        opening, nonce = item["opening"].encode(), unpacked(item["nonce"])
        told = json.loads(opening)
        need(canonical(told) == opening and len(nonce) == 32, f"编号 {number}：核验文件被改动。")
        need(sm3(nonce + opening).hex() == item["digest"], f"编号 {number}：内容与登记时不同。")
        if index == 0:
            need(told["row"] == "report" and told["number"] == number, f"编号 {number}：内容与编号不符。")
            promised(number, item["digest"], unpacked(proof["receipt"]["signature"]), [proof["receipt"]["key"]])
            said += [
                f"编号 {number}：内容与登记时一致。收到时间（世界时）{told['received_at'][:19]}，渠道 {told['channel']}。"
            ]
            said += [f"  所述内容：{told['redacted']}"]
        else:
            need(told["row"] == "evidence_use", f"编号 {number}：核验文件被改动。")
            said += [f"  材料 SHA-256 {told['sha256']}，{told['at'][:19]} 收到。"]
        waiting = "  这一项还没有写进带签名的登记链，通常一分钟之内就会写进，请稍后重新下载。"
        said += [place(item, told["row"], number, keys, chain) if "place" in item else waiting]
    return said


def place(item, row, number, keys, chain):
    """Whether an item lies where it says in the chain, up to a signed head."""
    where, head = item["place"], item["place"]["head"]
    need(set(where) == PLACE_FIELDS and where["source"] == row, f"编号 {number}：核验文件被改动。")
    position, digest = where["position"], unpacked(item["digest"])
    hashed = link_hash(unpacked(where["before"]), digest, position, row, where["at"], where["relayed"])
    node, index, size = sm3(b"\0" + hashed), position - head["after"] - 1, head["position"] - head["after"]
    need(0 <= index < size, f"编号 {number}：位置与签名记录不符。")
    steps = list(where["path"])
    while size > 1:  # the position alone says on which side each neighbour stands
        if index ^ 1 < size:
            need(steps and steps[0][0] == ("left" if index & 1 else "right"), f"编号 {number}：位置与签名记录不符。")
            beside = unpacked(steps.pop(0)[1])
            node = sm3(b"\1" + (beside + node if index & 1 else node + beside))
        index, size = index // 2, (size + 1) // 2
    need(not steps and node.hex() == head["root"], f"编号 {number}：位置与签名记录不符。")
    need(head["key"] in keys and signed(head, b"jianting head\n"), f"编号 {number}：签名记录的签名不对。")
    if chain is None:
        return f"  在登记链第 {position} 条，{head['at'][:19]}（世界时）签名。"
    need(position <= chain.position, f"编号 {number}：登记链是在这件之前导出的，请用新的登记链。")
    need(chain.places.get(position) == hashed.hex(), f"编号 {number}：登记链第 {position} 条不是这一件。")
    rank = f"，是全部渠道收到的第 {chain.digests[item['digest']][1]} 件" if row == "report" else ""
    return f"  在登记链第 {position} 条{rank}，与导出的登记链一致。"


def load(receipt):
    """A receipt given as a file or as the string itself."""
    if receipt.startswith("jt1."):
        return receipt
    with open(receipt, encoding="utf-8") as file:
        return json.load(file)


def run(arguments, say):
    """Check what was given; the sentences go to `say`."""
    receipts = [load(receipt) for receipt in arguments.receipt]
    chain, keys = None, [arguments.public_key.lower()] if arguments.public_key else []
    if arguments.chain:
        items = [item for receipt in receipts if isinstance(receipt, dict) for item in receipt["items"]]
        chain = Chain({item["place"]["position"] for item in items if "place" in item})
        with open(arguments.chain, "rb") as file:
            chain.walk(file)
        need(not keys or keys[0] in chain.keys, "登记链不是用您给的公钥签名的。")
        say(f"登记链完好：{chain.position} 条，其中举报和投诉 {chain.reports} 件，签名记录 {chain.heads} 个。")
        say(f"公钥 {chain.keys[-1]}{'' if keys else '（取自文件本身：请与公布的公钥核对）'}")
        for position, at in chain.late:
            say(f"请留意：第 {position} 条的收到时间（{at}）早于排在它前面的登记。")
        keys = chain.keys
    need(keys, "只核验回执时，请用 --public-key 给出公布的公钥。")
    for receipt in receipts:
        check = check_string if isinstance(receipt, str) else check_proof
        for sentence in check(receipt, keys, chain):
            say(sentence)


CANNOT = """
本脚本核对不了的：
  数据库里的记录本身、材料文件本身有没有被改动、丢失——要有受理单位的密钥，由受理单位运行 jianting verify；
  这份登记链是不是最新的——请与您以前留存的登记链、回执比对，位置和公钥应当一致；
  已经依法删去个人信息的内容，以及所述内容是否属实。
"""


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chain", nargs="?", help="jianting verify --export 写出的登记链")
    parser.add_argument("--receipt", action="append", default=[], help="核验文件，或 jt1. 开头的核验码；可以给多个")
    parser.add_argument("--public-key", help="受理单位公布的公钥，64 位十六进制")
    arguments = parser.parse_args()
    try:
        run(arguments, lambda sentence: sys.stdout.write(sentence + "\n"))
    except Wrong as wrong:
        sys.stdout.write(f"发现问题。{wrong}\n")
        return 1
    except (AttributeError, KeyError, TypeError, IndexError, ValueError) as wrong:
        sys.stdout.write(f"发现问题。文件内容不合格式：{wrong!r}\n")
        return 1
    except OSError as wrong:
        sys.stdout.write(f"文件读不了：{wrong}\n")
        return 2
    sys.stdout.write(CANNOT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
