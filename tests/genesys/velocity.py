"""The part of the Velocity language that deploy/genesys uses: ${a.b}, $!{a.b}, $esc.jsonString("..."), $esc.uriEncode("...") and
#if("..." == "...") or != with #else and #end. What the platform does with null is kept: ${a.b} stays as it is written, $!{a.b}
is empty. Anything else is an error, so that a template cannot use what was never tried here."""

import json
import re
import urllib.parse

REFERENCE = re.compile(r"\$(!?)\{([A-Za-z0-9_.]+)\}")
ESCAPE = re.compile(r'\$esc\.(jsonString|uriEncode)\("((?:[^"\\]|\\.)*)"\)')
IF = re.compile(r'#if\("([^"]*)" (==|!=) "([^"]*)"\)')
END_WORDS = re.compile(r"#(if\(|\{else\}|else|end)")


def references(template):
    """All names that a template refers to."""
    return {name for _, name in REFERENCE.findall(template)}


def _text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _substitute(template, values):
    def one(match):
        value = values.get(match.group(2))
        if value is None:
            return "" if match.group(1) else match.group(0)
        return _text(value)

    return REFERENCE.sub(one, template)


def _plain(template, values):
    def escape(match):
        text = _substitute(match.group(2), values)
        if match.group(1) == "jsonString":
            return json.dumps(text)[1:-1]
        return urllib.parse.quote(text, safe="")

    out, at = [], 0
    for match in ESCAPE.finditer(template):
        out += [_substitute(template[at:match.start()], values), escape(match)]
        at = match.end()
    rest = template[at:]
    if re.search(r"\$esc|#set|#foreach", "".join(ESCAPE.split(template))):
        raise ValueError("unknown word in: " + template)
    return "".join(out) + _substitute(rest, values)


def _block_end(template, at):
    """The places of #else (or None) and #end that belong to an #if whose body begins here."""
    depth, other = 0, None
    for match in END_WORDS.finditer(template, at):
        word = match.group(1)
        if word == "if(":
            depth += 1
        elif word == "end" and depth == 0:
            return other, match
        elif word == "end":
            depth -= 1
        elif depth == 0:
            other = match
    raise ValueError("#if without #end in: " + template)


def render(template, values):
    out, at = [], 0
    while match := IF.search(template, at):
        out.append(_plain(template[at:match.start()], values))
        other, end = _block_end(template, match.end())
        equal = _substitute(match.group(1), values) == match.group(3)
        if equal == (match.group(2) == "=="):
            out.append(render(template[match.end():(other or end).start()], values))
        elif other:
            out.append(render(template[other.end():end.start()], values))
        at = end.end()
    out.append(_plain(template[at:], values))
    return "".join(out)
