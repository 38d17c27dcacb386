"""Overrides, taken as Hydra takes them: a generated corpus, parsed by hydra-core and by stoker.

Values, keys and actions must be equal, and what one refuses the other refuses, but for EXCEPTIONS.

usage: hydra_grammar.py [CASES [SEED]]
"""
import json
import math
import os
import random
import re
import subprocess
import sys

from stoker import SOURCE, expect, need

need("hydra")
from hydra import version  # noqa: E402
from hydra.core.override_parser.overrides_parser import OverridesParser  # noqa: E402
from hydra.core.override_parser.types import ValueType  # noqa: E402
from hydra.errors import HydraException  # noqa: E402

version.setbase("1.3")
CASES = int(sys.argv[1]) if len(sys.argv) > 1 else 6000
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 1

# What Hydra takes and stoker refuses: how stoker says it, when that is right, and how docs/config.md tells of it.
EXCEPTIONS = [
    ("several values", lambda text, theirs: theirs.value_type == ValueType.SIMPLE_CHOICE_SWEEP, "several values (`a=1,2`)"),
    ("Hydra's functions are not known", lambda text, theirs: "(" in text, "functions (`a=range(1,5)`, `a=int(x)`)"),
    ("interpolations are not known", lambda text, theirs: "${" in text, "interpolations (`a=${b}`)"),
    ("stands twice", lambda text, theirs: "{" in text, "a key that stands twice in a map"),
    ("no key before '='", lambda text, theirs: theirs.key_or_group == "" and theirs.package is None, "an empty key (`=1`)"),
    ("packages of Hydra are not known", lambda text, theirs: theirs.package is not None, "groups and packages (`a/b=x`, `a@b=x`)"),
    ("groups of Hydra are not known", lambda text, theirs: "/" in theirs.key_or_group, "groups and packages (`a/b=x`, `a@b=x`)"),
    ("more than 32 levels", lambda text, theirs: text.count("[") + text.count("{") > 32, "more than 32 levels of lists and maps"),
    ("more than 32 parts", lambda text, theirs: theirs.key_or_group.count(".") > 31, "more than 32 parts of a key"),
]


class Generator:
    """Overrides of the grammar, and such as are nearly of it."""

    SIGNS = list("\\\\\\''\"\"  \t()[]{}:=,,/-+.$%*@?|~!#&<>^`;_aZ09eEx") + ["\n", "ä", "\u20ac", "${", "}", "\\'", '\\"', "\\\\"]
    NUMBERS = ["0", "1", "-1", "+7", "10", "007", "1_000", "1__0", "_1", "1_", "99999999999999999999999", "0x1F", "1e3", "1E-3",
               "-1.5", ".5", "-.5", "5.", "1.5.2", "1.", "1_0.2_5", "1e+1_0", "1e_5", "1e400", "inf", "-Inf", ".inf", "nan", "NaN",
               "+nan", "infx", "1e5x", "0e0", "00.5", "--5", "+-5", "1-2", "0.1e", "1,000", "1e3.5", "-", "+"]
    WORDS = ["true", "True", "FALSE", "null", "NULL", "none", "on", "off", "abc", "a-b", "-a", "a_b9", "_x", "truex", "nulls", "x.y",
             "/data/train", "./a b", "a*", "100%", "a|b", "why?", "u@h", "$x", "$", "a:b", "http://h:80/p", ":", "a :b", "C:\\dir",
             "~/x", "a;b", "b#c", "ä", "img_{}", "\\{a\\}", "\\(a\\)", "\\[", "\\]", "\\,", "\\:", "\\=", "\\ ", "a\\ b", "\\\t",
             "\\\\", "\\\\\\ ", "\\a", "\\", "\\'", "a'b", "a\"b", "tab\tin", "a  b", "${a}", "${a.b:c}", "${}", "x${a}y", "${a", "a=b"]

    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, values):
        return self.random.choice(values)

    def blank(self):
        return self.pick(["", "", "", "", " ", "  ", "\t", " \t "])

    def noise(self, longest):
        return "".join(self.pick(self.SIGNS) for _ in range(self.random.randint(0, longest)))

    def quoted(self):
        quote = self.pick("'\"")
        inside = self.noise(6) if self.random.random() < 0.7 else self.pick(self.WORDS + self.NUMBERS)
        return quote + inside + self.pick(["", "", "", "\\", "\\\\", "\\" + quote]) + quote

    def scalar(self):
        kind = self.random.random()
        if kind < 0.3:
            return self.pick(self.NUMBERS)
        if kind < 0.6:
            return self.pick(self.WORDS)
        if kind < 0.8:
            return self.quoted()
        if kind < 0.9:
            return self.pick(self.WORDS + self.NUMBERS) + self.blank() + self.pick(self.WORDS + self.NUMBERS)
        return self.noise(4)

    def function(self):
        name = self.pick(["choice", "range", "interval", "int", "str", "float", "bool", "sort", "shuffle", "glob", "tag", "nosuch", "x-y"])
        arguments = ["%s%s" % (self.pick(["", "", "", "start=", "step=", "include="]), self.scalar()) for _ in range(self.random.randint(0, 3))]
        return name + self.blank() + "(" + self.blank() + ",".join(arguments) + self.blank() + ")"

    def items(self, item):
        count = self.pick([0, 1, 1, 2, 3, 4])
        texts = [self.blank() + item() + self.blank() for _ in range(count)]
        return self.blank() + ",".join(texts) + self.pick([""] * 12 + [",", " ,"])

    def element(self, depth):
        kind = self.random.random()
        if depth > 3 or kind < 0.6:
            return self.scalar()
        if kind < 0.63:
            return self.function()
        if kind < 0.82:
            return "[" + self.items(lambda: self.element(depth + 1)) + "]"
        return "{" + self.items(lambda: self.map_key() + self.blank() + ":" + self.blank() + self.element(depth + 1)) + "}"

    def map_key(self):
        return self.pick(["a", "b", "c d", "mean", "0", "-1", "1.5", "true", "null", "'q'", "x/y", "\\:", "a\\ b", "", "$k", "${k}", "a.b",
                          "k%d" % self.random.randint(0, 99)])

    def deep(self):
        levels = self.random.randint(28, 38)
        opened = [self.pick(["[", "{a:"]) for _ in range(levels)]
        return "".join(opened) + "1" + "".join("]" if o == "[" else "}" for o in reversed(opened))

    def value(self):
        kind = self.random.random()
        if kind < 0.01:
            return self.deep()
        if kind < 0.06:
            return ",".join(self.element(1) for _ in range(self.random.randint(2, 3)))
        return self.blank() + self.element(0) + self.pick([""] * 6 + [" ", "\t"])

    def key(self):
        kind = self.random.random()
        if kind < 0.5:
            return self.pick(["a", "a.b", "train.epochs", "a.b.c"])
        if kind < 0.9:
            return self.pick(["a-b", "a.0", "a.10.b", "a.01", "a.1_0", "a.-b", "-a", "1", "1.2", "0.a", "$a", "a$b", "a.$b", "_", "a..b", ".a", "a.", "a ", " a",
                              "a b", "a[0]", "a.b[1].c", "a/b", "a/b/c", "a.b/c", "a/", "/a", "a/1", "a@b", "a@b.c", "@b", "a@", "a/b@c", "a@b@c", "a:b", "", "ä",
                              "a\\.b", "'a'", "a.b-", "A_9", "a.1b", "a.1_", "a.0x1", "$", "$/a", "a/$b", "a/b-c"])
        if kind < 0.93:
            return ".".join(self.pick("ab") for _ in range(self.random.randint(30, 36)))
        return self.noise(3).replace("=", "")

    def override(self):
        prefix = self.pick(["", "", "+", "++", "++", "~", "+++", "~~", "+~", "++ "] if self.random.random() < 0.3 else ["", "+", "++"])
        text = prefix + (self.key() if self.random.random() < 0.4 else "a.b")
        if self.random.random() < (0.5 if prefix == "~" else 0.02):
            return text
        text += "=" + self.value()
        if self.random.random() < 0.15:  # one sign more, less or another
            at = self.random.randint(0, len(text))
            text = text[:at] + self.pick(["", self.pick(self.SIGNS)]) + text[at + self.random.randint(0, 1):]
        return text


def same(theirs, ours):
    """Whether the typed value that stoker printed is the one that Hydra has."""
    kind, rest = ours[0], ours[1:]
    if kind == "list":
        return isinstance(theirs, list) and len(theirs) == len(rest[0]) and all(map(same, theirs, rest[0]))
    if kind == "map":
        # Keys are texts to stoker, and have types to Hydra.
        return isinstance(theirs, dict) and len(theirs) == len(rest[0]) and all(
            same_key(key, entry[0]) and same(value, entry[1]) for (key, value), entry in zip(theirs.items(), rest[0]))
    if kind == "null":
        return theirs is None
    text = rest[0]
    if kind == "bool":
        return isinstance(theirs, bool) and theirs == (text.lower() == "true")
    if kind == "int":
        return type(theirs) is int and theirs == int(text)
    if kind == "float":
        return type(theirs) is float and (theirs == float(text) or math.isnan(theirs) and math.isnan(float(text)))
    return type(theirs) is str and theirs == text


def same_key(theirs, ours):
    if theirs is None or isinstance(theirs, bool):
        return ours.lower() == str(theirs).lower().replace("none", "null")
    if isinstance(theirs, (int, float)):
        return same(theirs, [type(theirs).__name__, ours])
    return theirs == ours


def hydra(parser, text):
    """What Hydra makes of it, or None."""
    try:
        return parser.parse_override(text)
    except HydraException:
        return None


def exception_of(text, theirs, message):
    for said, when, _ in EXCEPTIONS:
        if re.search(said, message) and when(text, theirs):
            return said
    return None


def disagreement(text, theirs, ours, seen):
    if theirs is None:
        return None if "error" in ours else "Hydra refuses it, stoker does not"
    if "error" in ours:
        said = exception_of(text, theirs, ours["error"])
        seen.add(said)
        return None if said else "stoker refuses it, Hydra does not"
    if theirs.type.name != ours["action"] or theirs.key_or_group != ours["key"]:
        return "other action or key"
    if theirs.value_type is None:
        return None if ours["value"] is None else "a value where Hydra has none"
    return None if ours["value"] and same(theirs.value(), ours["value"]) else "other value"


def main():
    generator = Generator(SEED)
    corpus = [text for text in (generator.override() for _ in range(CASES)) if not re.match(r"(\+\+|\+|~)?(hydra|workload)\b", text)]
    done = subprocess.run([os.environ["STOKER_OVERRIDE_VALUES"]], input="".join(text + "\0" for text in corpus).encode(),
                          capture_output=True, check=True)
    answers = [json.loads(line) for line in done.stdout.decode().splitlines()]
    expect(len(answers) == len(corpus), f"{len(answers)} answers to {len(corpus)} overrides")
    parser, seen, taken, wrong = OverridesParser.create(), set(), 0, []
    for text, ours in zip(corpus, answers):
        theirs = hydra(parser, text)
        taken += theirs is not None
        fault = disagreement(text, theirs, ours, seen)
        if fault:
            wrong.append(f"{text!r}: {fault}\n    Hydra:  {theirs and (theirs.type.name, theirs.key_or_group, theirs.value())}\n    stoker: {ours}")
    documented = (SOURCE / "docs/config.md").read_text()
    wrong += [f"no case of the exception '{said}'" for said, _, _ in EXCEPTIONS if said not in seen]
    wrong += [f"docs/config.md does not tell of '{told}'" for _, _, told in EXCEPTIONS if told not in documented]
    print(f"{len(corpus)} overrides of seed {SEED}: Hydra takes {taken}, and all but {len(wrong)} agree")
    expect(not wrong, "\n".join(wrong[:40]))


main()
