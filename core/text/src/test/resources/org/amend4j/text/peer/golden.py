"""What Hugging Face's own library makes of small tokenizers: writes the golden files in this folder, one a subject.

    python -m venv venv && venv/bin/pip install tokenizers==0.23.3 && venv/bin/python golden.py

A file has setups: a tokenizer of tokenizers/, parts of its file that are replaced, and texts with what comes out of them.
Places are in Java's characters. What the library refuses, or panics at, has its message as "refused".
"""

import itertools
import json
from pathlib import Path

import tokenizers
from tokenizers import Tokenizer

HERE = Path(__file__).parent
LINES = json.loads((HERE / "texts.json").read_text())
ALL = ("ids", "types", "tokens", "begins", "ends", "words", "texts", "special", "attended")
WORDS = {"type": "WordLevel", "vocab": {"[UNK]": 0, "a": 1, "b": 2, "c": 3, "<m>": 4}, "unk_token": "[UNK]"}


def java(text, place):
    return len(text[:place].encode("utf-16-le")) // 2


def columns(encoding, texts, names):
    spans = [
        [java(texts[n], place) if n in range(len(texts)) else place for place in span]
        for n, span in zip(encoding.sequence_ids, encoding.offsets)
    ]
    every = dict(
        ids=encoding.ids,
        types=encoding.type_ids,
        tokens=encoding.tokens,
        begins=[begin for begin, _ in spans],
        ends=[end for _, end in spans],
        words=[-1 if word is None else word for word in encoding.word_ids],
        texts=[-1 if n is None else n for n in encoding.sequence_ids],
        special=encoding.special_tokens_mask,
        attended=encoding.attention_mask,
    )
    return {name: every[name] for name in names}


def encoded(tokenizer, batch, special, names):
    """A batch has texts, or pairs of texts."""
    try:
        made = tokenizer.encode_batch([tuple(x) if isinstance(x, list) else x for x in batch], add_special_tokens=special)
    except BaseException as e:  # a panic of Rust is no Exception
        return {"refused": str(e).splitlines()[0]}
    return [columns(encoding, x if isinstance(x, list) else [x], names) for encoding, x in zip(made, batch)]


def decoded(tokenizer, ids):
    try:
        return tokenizer.decode(ids)
    except BaseException:  # a panic: nothing to compare with
        return None


def setup(name, file, change, batches, special=True, names=ALL, decoded=False):
    parts = json.loads((HERE / "tokenizers" / f"{file}.json").read_text())
    parts.update(change)
    try:
        tokenizer = Tokenizer.from_str(json.dumps(parts))
    except BaseException as e:
        raise SystemExit(f"{name}: {e}")
    made = [encoded(tokenizer, batch, special, names) for batch in batches]
    if decoded:
        for batch in made:
            for each in batch:
                each["decoded"] = tokenizer.decode(each["ids"])
                each["decoded_with_special"] = tokenizer.decode(each["ids"], skip_special_tokens=False)
    return dict(name=name, tokenizer=file, change=change, special=special, batches=batches, made=made)


def write(subject, setups):
    lines = ",\n".join(json.dumps(each, separators=(",", ":")) for each in setups)
    (HERE / f"{subject}.json").write_text(f'{{"peer":"tokenizers {tokenizers.__version__}","setups":[\n{lines}\n]}}\n')


def added(identity, content, **flags):
    token = dict(id=identity, content=content, single_word=False, lstrip=False, rstrip=False, normalized=False, special=False)
    return token | flags


def roberta(trim=False, prefix=False):
    return dict(type="RobertaProcessing", sep=["</s>", 2], cls=["<s>", 1], trim_offsets=trim, add_prefix_space=prefix)


def byte_level(prefix, trim):
    return dict(type="ByteLevel", add_prefix_space=prefix, trim_offsets=trim, use_regex=True)


def text_piece(which, kind):
    return {"Sequence": {"id": which, "type_id": kind}}


def special_piece(name, kind):
    return {"SpecialToken": {"id": name, "type_id": kind}}


def template(single, pair):
    specials = {"[S]": {"id": "[S]", "ids": [1], "tokens": ["b"]}, "[TWO]": {"id": "[TWO]", "ids": [2, 3], "tokens": ["c", "d"]}}
    return dict(type="TemplateProcessing", single=single, pair=pair, special_tokens=specials)


A, B = text_piece("A", 0), text_piece("B", 1)
TEMPLATES = {
    "texts alone": template([A], [A, B]),
    "the second first": template([A], [text_piece("B", 3), special_piece("[S]", 4), text_piece("A", 5)]),
    "a text twice": template([A, special_piece("[S]", 2), text_piece("A", 1)], [A, B, text_piece("A", 2), text_piece("B", 7)]),
    "a special of two tokens": template([special_piece("[TWO]", 1), A], [A, special_piece("[TWO]", 6), B, special_piece("[S]", 0)]),
    "without the second": template([text_piece("A", 4)], [text_piece("A", 2), special_piece("[S]", 0)]),
}
BLANKS = ["", " ", "  ", "a", " a", "a ", "  a  b ", "\u00a0a\u3000\u2003b", "\n\ta\r\n b\n\n", "\u00e9 \ud83d\ude00  x".encode("utf-16", "surrogatepass").decode("utf-16"),
          "Hello, world!", " don't stop ", "x\u00a0\u00a0", "   \u00e9"]
PAIRS = [[x, y] for x, y in zip(BLANKS, BLANKS[3:])]


def lines():
    names = ("ids", "begins", "ends", "words")
    for file in sorted(path.stem for path in (HERE / "tokenizers").glob("*.json")):
        yield setup(file, file, {}, [LINES], names=names, decoded=True)


def truncation():
    sizes = [(0, 0), (0, 3), (3, 0), (1, 1), (1, 6), (6, 1), (2, 5), (5, 2), (3, 4), (4, 3), (4, 4), (7, 8)]
    words = "a b c d e f g h".split()
    single = [[" ".join(words[:n])] for n in range(9)]
    pairs = [[[" ".join(words[:n]), " ".join(words[-m:] if m else [])]] for n, m in sizes]
    for strategy, side in itertools.product(("LongestFirst", "OnlyFirst", "OnlySecond"), ("Left", "Right")):
        for length in (1, 2, 3, 4, 5, 6, 9):
            cut = {"truncation": dict(direction=side, max_length=length, strategy=strategy, stride=0)}
            name = f"{strategy} {side} {length}"
            if length in (1, 2, 5):
                yield setup(f"{name}, bare", "bert_uncased", cut, single + pairs, special=False, names=("ids", "texts"))
            if length > 1:  # without room for special tokens the library cuts nothing
                inputs = single + pairs if length > 2 else single
                yield setup(name, "bert_uncased", cut, inputs, names=("ids", "types", "begins", "texts"))
    inputs = single + pairs
    for stride in (1, 2):
        for side in ("Left", "Right"):
            cut = dict(direction=side, max_length=9, strategy="LongestFirst", stride=stride)
            long = [[" ".join(2 * words)], [[" ".join(words), " ".join(words[::-1])]]]
            yield setup(f"stride {stride} {side}", "bert_uncased", {"truncation": cut}, long, names=("ids", "begins", "texts"))
    cut = dict(max_length=5, strategy="LongestFirst", stride=0)
    yield setup("no direction", "bert_uncased", {"truncation": cut}, inputs, names=("ids", "texts"))
    yield setup("roberta", "gpt2", {"truncation": cut | dict(max_length=7), "post_processor": roberta()}, inputs, names=("ids", "texts"))


def padding():
    texts = ["a", "", "a b c d", "a b"]
    batches = [texts, ["a"], [""], [["a", "b c"], ["", ""], ["a b c", "d e f g"]]]
    for strategy, side, multiple in itertools.product(
        ("BatchLongest", {"Fixed": 0}, {"Fixed": 5}, {"Fixed": 6}), ("Left", "Right"), (None, 0, 1, 4, 5)
    ):
        fill = dict(strategy=strategy, direction=side, pad_to_multiple_of=multiple, pad_id=3, pad_type_id=5, pad_token="[P]")
        yield setup(f"{strategy} {side} {multiple}", "bert_uncased", {"padding": fill}, batches, names=("ids", "types", "tokens", "special", "attended"))
    fill = dict(strategy={"Fixed": 6}, direction="Left", pad_to_multiple_of=4, pad_id=0, pad_type_id=0, pad_token="[PAD]")
    cut = dict(direction="Right", max_length=5, strategy="LongestFirst", stride=0)
    yield setup("cut and filled", "bert_uncased", {"padding": fill, "truncation": cut}, batches)
    yield setup("bare", "bert_uncased", {"padding": fill, "truncation": cut}, batches, special=False)


def offsets():
    inputs = [BLANKS, PAIRS]
    for before, prefix, trim in itertools.product((True, False), (True, False), (True, False)):
        parts = {"pre_tokenizer": byte_level(before, True)}
        name = f"before {before} prefix {prefix} trim {trim}"
        yield setup(f"bytes {name}", "gpt2", parts | {"post_processor": byte_level(prefix, trim)}, inputs, names=("tokens", "begins", "ends"))
        yield setup(f"roberta {name}", "gpt2", parts | {"post_processor": roberta(trim, prefix)}, inputs, names=("ids", "begins", "ends", "texts"))
    for scheme, split in itertools.product(("first", "always", "never"), (True, False)):
        space = dict(type="Metaspace", replacement="\u2581", prepend_scheme=scheme, split=split)
        for trim in (True, False):
            yield setup(f"metaspace {scheme} {split} {trim}", "llama2", {"pre_tokenizer": space, "post_processor": byte_level(True, trim)}, inputs, names=("tokens", "begins", "ends", "words"))
    prepend = dict(type="Sequence", normalizers=[dict(type="Prepend", prepend="\u2581"), dict(type="Replace", pattern={"String": " "}, content="\u2581")])
    yield setup("prepended", "llama2", {"normalizer": prepend, "pre_tokenizer": None}, inputs, names=("tokens", "begins", "ends"))


def templates():
    inputs = [["a", "", "a b"], [["a", "b c"], ["", "b"], ["a b", ""]]]
    every = {"none": None, "roberta": roberta(), "bert": dict(type="BertProcessing", sep=["[SEP]", 3], cls=["[CLS]", 2])} | TEMPLATES
    every["bytes, then a template"] = dict(type="Sequence", processors=[byte_level(True, True), TEMPLATES["a special of two tokens"]])
    every["a template, then bytes"] = dict(type="Sequence", processors=[TEMPLATES["a special of two tokens"], byte_level(True, True)])
    for (name, each), special in itertools.product(every.items(), (True, False)):
        # the library miscounts texts here: a text's first copy has none, and bytes behind a template count its pieces
        names = [x for x in ALL if x != "texts" or name not in ("a text twice", "a template, then bytes")]
        yield setup(f"{name}{'' if special else ', bare'}", "gpt2", {"post_processor": each}, inputs, special, names)
    cut = dict(direction="Right", max_length=6, strategy="LongestFirst", stride=0)
    for name, each in TEMPLATES.items():
        yield setup(f"{name}, cut", "gpt2", {"post_processor": each, "truncation": cut}, [["a b c d e f g"], [["a b c d e f", "a b c d e f"]]], names=ALL[:6])


def added_tokens():
    texts = ["<m>", "a<m>b", "a <m> b", "  <m>  ", "<m><m>", "<m> <m>", "a<m>", "<m>a", "_<m>", "<m>_", "\u00e9<m>", "<m>\u0301", "-<m>-", "\u4e2d<m>",
             "a <mm> b", "<m", "m>", "<<m>>", "a\u00a0<m>\u3000b", "A<M>b", "<m>1", "1<m>", "\n<m>\n\n", "<m>\u200d", "x<mm>y", "<m> <mm> <m>"]
    for flags in itertools.product((False, True), repeat=3):
        names = dict(zip(("single_word", "lstrip", "rstrip"), flags))
        tokens = [added(4, "<m>", **names), added(5, "<mm>", special=True)]
        yield setup(f"{names}", "bert_uncased", {"model": WORDS, "normalizer": None, "post_processor": None, "added_tokens": tokens,
                    "pre_tokenizer": {"type": "WhitespaceSplit"}}, [texts])
    for normalized in (True, False):
        tokens = [added(4, "<m>", normalized=normalized), added(5, "A<M>", normalized=normalized, special=True), added(6, "\u00e9", normalized=normalized)]
        lower = {"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "Lowercase"}]}
        yield setup(f"normalized {normalized}", "bert_uncased", {"model": WORDS, "normalizer": lower, "post_processor": None, "added_tokens": tokens,
                    "pre_tokenizer": {"type": "WhitespaceSplit"}}, [texts + ["a<m>", "cafe\u0301", "\u00c9"]])
    for scheme in ("first", "always"):
        space = dict(type="Metaspace", replacement="\u2581", prepend_scheme=scheme, split=True)
        yield setup(f"metaspace {scheme}", "llama2", {"pre_tokenizer": space}, [["<s>", "<s><s>", "<s>a</s>", "a<s>b", " <s> </s> a", "</s><s>a b"]])


def normalizers():
    flags = lambda *values: dict(zip(("clean_text", "handle_chinese_chars", "strip_accents", "lowercase"), values), type="BertNormalizer")
    every = [dict(type=each) for each in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "ByteLevel")]
    every += [dict(type="Strip", strip_left=left, strip_right=right) for left, right in ((True, True), (True, False), (False, True))]
    every += [dict(type="Prepend", prepend="_x")]
    every += [flags(True, False, None, False), flags(False, True, None, False), flags(False, False, True, False), flags(False, False, None, True),
              flags(False, False, False, True), flags(True, True, None, True)]
    patterns = ({"String": "a"}, {"String": "  "}, {"Regex": r"\s+"}, {"Regex": r"\d|\w{2}"})
    every += [dict(type="Replace", pattern=pattern, content=content) for pattern in patterns for content in ("", "_", "\u00e9=")]
    every += [dict(type="Sequence", normalizers=[dict(type="NFKC"), every[4], dict(type="Prepend", prepend=" "), every[7]])]
    texts = LINES[:57:3] + ["xyaab", "a  a", "a\u0310\u0301", "\u0310\u0301a", "xa\u0323\u0301\u0310", "\u1100\u1161\u11a7\u11a8", "\u1112\u1175\u11c2\u11c3", "\u10ff\u1161",
                            "\u1113\u1161", "\u1100\u1176", "\uac00\u11a7", "\uac01\u11a8", "\ud7a3\u11a8", "\ud788\u11c2", "\ud7a4\u11a8", "\u33ff\u3400\u4dbf\u4dc0\u9fff\ua000", "@A[Z`\u0080\u00c0", "\u07ff\u0800\uffff\U00010000", "\uac00\u11a8", "\u32ff", "a\u007f\u0080\u001f\u0000\ufffdb"]
    for each in every:
        yield setup(json.dumps(each), "gpt2", {"normalizer": each, "post_processor": None}, [texts], names=("ids", "begins", "ends"))


def pre_tokenizers():
    """Of texts, by the pre-tokenizer alone: words and their places in code points."""
    behaviors = ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")
    patterns = ({"Regex": r"[\w-]+"}, {"Regex": r"\d|\W"}, {"String": "a"}, {"String": "  "}, {"Regex": "(?i:b|c)"}, {"Regex": "a*"}, {"Regex": "(?=a)"}, {"Regex": "b|"})
    every = [dict(type=each) for each in ("Whitespace", "WhitespaceSplit", "BertPreTokenizer")]
    every += [dict(type="Punctuation", behavior=behavior) for behavior in behaviors]
    every += [dict(type="Digits", individual_digits=flag) for flag in (True, False)]
    every += [dict(type="CharDelimiterSplit", delimiter="b")]
    every += [dict(type="Split", pattern=pattern, behavior=behavior, invert=invert) for pattern in patterns for behavior in behaviors for invert in (True, False)]
    every += [dict(type="ByteLevel", add_prefix_space=prefix, trim_offsets=True, use_regex=regex) for prefix in (True, False) for regex in (True, False)]
    every += [dict(type="Metaspace", replacement="\u2581", prepend_scheme=scheme, split=split) for scheme in ("first", "always", "never") for split in (True, False)]
    every += [dict(type="Sequence", pretokenizers=[every[1], every[3], every[-1]])]
    expressions = (r"(?:a{2}b)+", r"\x41\x{42}|\u0043|\x{1F600}", r"[\x{1F600}-\x{1F64F}]", "\U0001f600+", r"a{2}|b{1,2}|c{2,}", r"(?:ab)+?c|x*y", r"a++|b?+c", r"\p{^L}+|\P{N}", r"\p{Han}+|\p{Latin}",
                   r"[^a-c\d]+", r"[a\-z]", r"[-a]|[b-]", r"(?=a)a|(?!b)c|(?<=a)b|(?<!a)B|(?>x)", r"(?i)ABC|\u00c9", ".+", "^a|b$", r"\v|\f|\t|\n|\r", r"\s|\S", r"\D+", r"\w+", r"\W+",
                   r"\.|\-|\[|\]", "a.c", "(a|b)c", "[\u00e9\U0001f600a]", "a|", r"\p{Lu}\p{Ll}*", "(?i:k)", r"[\u0041-\u0043]", r"\x{10FFFF}|\x{d7ff}|\x{e000}", r"[\s\w]+", "a(?:b(?:c)?)?")
    every += [dict(type="Split", pattern={"Regex": expression}, behavior="Isolated", invert=False) for expression in expressions]
    texts = LINES[1:32:2] + ["ABC abc aabbccc abab-c", "xyyab\nac a.c [a] z-\x0b\x0c\u00e9\u00c9", "\U0001f600\U0001f600a\U0001f64f\U0010ffff\ud7ff\ue000", "\u212akK a"] + ["a-b--c", "--a", "a--", "1a22b333", "baab b", "   a   b", "a" * 7, "aBcC"]
    for each in every:
        split = Tokenizer.from_str(json.dumps(dict(version="1.0", added_tokens=[], model=WORDS, pre_tokenizer=each))).pre_tokenizer
        words = [[[word, *place] for word, place in split.pre_tokenize_str(text)] for text in texts]
        yield dict(name=json.dumps(each), pre_tokenizer=each, texts=texts, words=words)


def models():
    bytes_ = {f"<0x{b:02X}>": b for b in range(256)}
    pairs = dict(type="BPE", dropout=None, unk_token=None, continuing_subword_prefix=None, end_of_word_suffix=None, fuse_unk=False, byte_fallback=False, ignore_merges=False)
    letters = {"?": 0, "a": 1, "b": 2, "ab": 3, "aba": 4, "\u00e9": 5, "b\u00e9": 6, "\u4e2d": 7, "\ud83d\ude00": 8, "aa": 9}
    letters = {token.encode("utf-16", "surrogatepass").decode("utf-16"): n for token, n in letters.items()}
    merges = [["a", "b"], ["ab", "a"], ["b", "\u00e9"], ["a", "a"]]
    plain = pairs | dict(vocab=letters, merges=merges)
    every = {f"pairs {unknown} {fuse} {ignore}": plain | dict(unk_token=unknown, fuse_unk=fuse, ignore_merges=ignore)
             for unknown in ("?", None) for fuse in (True, False) for ignore in (True, False)}
    some = {token: n for token, n in bytes_.items() if not token.startswith("<0xF")} | {"a": 300, "b": 301, "ab": 302, "?": 303}
    for name, vocab in dict(all_bytes=bytes_ | {"a": 300, "b": 301, "ab": 302, "?": 303}, some_bytes=some).items():
        for fuse in (True, False):
            every[f"{name} {fuse}"] = pairs | dict(vocab=vocab, merges=[["a", "b"]], unk_token="?", fuse_unk=fuse, byte_fallback=True)
    ends = {"a": 0, "b": 1, "a</w>": 2, "b</w>": 3, "##a": 4, "##b": 5, "##a</w>": 6, "##b</w>": 7, "ab": 8, "ab</w>": 9, "?": 10}
    every["suffix"] = pairs | dict(vocab=ends, merges=[["a", "b"], ["a", "b</w>"]], end_of_word_suffix="</w>", unk_token="?")
    every["prefix"] = pairs | dict(vocab=ends, merges=[["a", "##b"]], continuing_subword_prefix="##", unk_token="?")
    every["both"] = pairs | dict(vocab=ends, merges=[["a", "##b</w>"]], continuing_subword_prefix="##", end_of_word_suffix="</w>", unk_token="?")
    pieces = {"[UNK]": 0, "a": 1, "b": 2, "##a": 3, "##b": 4, "ab": 5, "##ab": 6, "##\u00e9": 7}
    for most in (0, 1, 3, 4, 100):
        every[f"pieces {most}"] = dict(type="WordPiece", unk_token="[UNK]", continuing_subword_prefix="##", max_input_chars_per_word=most, vocab=pieces)
    every["words"] = WORDS
    texts = ["", "a", "ab", "aba", "abab", "aab", "ba", "x", "xy", "xay", "axyb", "b\u00e9", "ab\u00e9a", "\u4e2da\u4e2d", "\U0001f600", "x\U0001f600", "\U0001f601ab", "\u20ac\u00df",
             "a b", "ab ba x", "ab\u00e9\u20acab", "aaaa", "aaaaa", "abb", "\u00ff\u0100",
             "a\u007f\u0080b", "a\u07ff\u0800b", "a\uffff\U00010000b"]
    for name, model in every.items():
        parts = dict(model=model, added_tokens=[], normalizer=None, post_processor=None, pre_tokenizer={"type": "WhitespaceSplit"})
        yield setup(name, "bert_uncased", parts, [[text] for text in texts], names=("ids", "begins", "ends", "words"))


def decoders():
    """Of tokens, by the decoder alone; without blanks between the parts."""
    bytes_ = ["<0x41>", "<0xE2>", "<0x82>", "<0xAC>", "<0xe2>", "<0xFF>", "<0xG0>", "<0x0G>", "<0x0g>", "<0x1:>", "<0x/1>", "<0x0>", "<0x041>", "<0y41>", "0x41>", "<0x41<",
              "<0xaF>", "<0x`0>", "<0x@0>", "<0x+5>", "<0x-5>", "<0x\uff11\uff12>", "<0x\u00e9>"]
    lists = [[t] for t in bytes_] + [["x", *bytes_[1:4], "y"], bytes_[1:3], [*bytes_[1:4], *bytes_[1:2]], ["<0x0A>", "a", "<0x0A>"], bytes_]
    words = [["a"], ["##a"], ["a", "##b", "c"], ["a", "b", "##", "##c"], ["do", "n't", "not", "'s", "'m", "'ve", "'re"], ["a", ".", "?", "!", ","], ["a", "'", "b"],
             ["do", "not"], ["a", " do not"], [], ["a.", " .", "x ' y"]]
    spaces = [["\u2581a", "\u2581b"], ["a\u2581", "\u2581"], ["\u2581"], ["\u2581\u2581a", "b"], [], ["a", "b"]]
    strips = [[" a "], ["  a  "], [" "], ["   "], ["a"], [""], ["a a"], ["", "  b"]]
    ends = [["a</w>", "b</w>"], ["a", "b</w>"], ["</w>", "</w>a"], []]
    chars = [["\u0120a", "b\u010a"], ["\u00e2\u0124", "\u00aca"], ["a b"], ["\u4e2d"], ["\u0143"], ["\u0144"], ["\u00e2", "\u0120"], []]
    seen = [b for b in range(256) if chr(b).isprintable() and b != 32 and b != 0xAD]
    shown = {b: chr(b) if b in seen else chr(0x100 + sum(c not in seen for c in range(b))) for b in range(256)}
    firsts, seconds = bytes.fromhex("7f80bfc1c2dfe0e1ecedeef0f1f3f4f5ff"), bytes.fromhex("7f808f909fa0bfc0")
    for first, second, rest in itertools.product(firsts, seconds, ("", "80", "bf41", "8080", "c080")):
        chars.append(["".join(shown[b] for b in bytes([first, second]) + bytes.fromhex(rest))])
    every = [(dict(type="ByteFallback"), lists), (dict(type="Fuse"), words), (dict(type="ByteLevel", add_prefix_space=True, trim_offsets=True, use_regex=True), chars)]
    every += [(dict(type="WordPiece", prefix="##", cleanup=flag), words) for flag in (True, False)]
    every += [(dict(type="Metaspace", replacement="\u2581", prepend_scheme=scheme, split=True), spaces) for scheme in ("first", "always", "never")]
    every += [(dict(type="Strip", content=" ", start=start, stop=stop), strips) for start, stop in ((1, 0), (0, 1), (1, 1), (2, 2), (5, 5))]
    every += [(dict(type="BPEDecoder", suffix="</w>"), ends)]
    every += [(dict(type="Replace", pattern=pattern, content="_"), strips) for pattern in ({"String": " "}, {"Regex": "a| +"})]
    every += [(dict(type="Sequence", decoders=[dict(type="ByteFallback"), dict(type="Fuse"), dict(type="Strip", content="x", start=1, stop=0)]), lists)]
    for decoder, tokens in every:
        vocabulary = sorted({t for each in tokens for t in each}) or ["a"]
        model = dict(type="WordLevel", unk_token="?", vocab={t: n for n, t in enumerate(vocabulary)})
        tokenizer = Tokenizer.from_str(json.dumps(dict(version="1.0", added_tokens=[], model=model, decoder=decoder)))
        texts = [decoded(tokenizer, [vocabulary.index(t) for t in each]) for each in tokens]
        yield dict(name=json.dumps(decoder), decoder=decoder, tokens=tokens, texts=texts)


def classes():
    """Of every character, those that an expression finds. U+16FE2 is left out: it is of the script Han, but not yet in Java 17."""
    known = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000 and c != 0x16FE2]
    text = "".join(map(chr, known))
    categories = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co".split()
    scripts = "Han Hiragana Katakana Hangul Latin Greek Cyrillic Arabic Hebrew Thai".split()
    for expression in [rf"\p{{{name}}}" for name in categories + scripts] + [r"\w", r"\s", r"\d"]:
        others = tokenizers.pre_tokenizers.Split(tokenizers.Regex(expression), "removed").pre_tokenize_str(text)
        bounds = [0] + [place for _, places in others for place in places] + [len(known)]
        found = [(first, last - 1) for first, last in zip(bounds[::2], bounds[1::2]) if first < last]
        ranges = " ".join(f"{known[first]:x}-{known[last]:x}" for first, last in found)
        yield dict(name=expression, ranges=ranges)


if __name__ == "__main__":
    for subject in (lines, truncation, padding, offsets, templates, added_tokens, normalizers, pre_tokenizers, models, decoders, classes):
        write(subject.__name__, subject())
