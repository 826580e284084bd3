"""Where in an HTML page a place of a template stands, decided while its text is read.

A small machine over the characters, not a parser of all HTML: what it does not know it
refuses (unquoted attributes, a bare `<`, inline script), so that the escaping chosen for
a hole is always the right one. The state is a value: branches are compared by it."""

import copy
import re

URL_ATTRS = {"href", "src", "action", "formaction", "poster", "cite", "data", "background", "manifest", "ping",
             "hx-get", "hx-post", "hx-put", "hx-patch", "hx-delete", "hx-push-url", "hx-replace-url", "xlink:href"}
# Code or a second language in the value: never, not even as fixed text.
BANNED_ATTRS = re.compile(r"on|style$|srcdoc$|hx-on|hx-vars$|xml:base$|:|@")
NO_HOLE_ATTRS = {"srcset", "http-equiv", "hx-vals", "hx-headers", "hx-request", "hx-ext", "hx-trigger", "hx-swap",
                 "integrity", "nonce", "attributename", "rel", "xmlns"}
BANNED_TAGS = {"style", "base", "object", "embed", "applet", "iframe", "frame", "set", "animate", "animatemotion",
               "animatetransform", "foreignobject", "plaintext", "xmp", "math"}
SAFE_START = re.compile(r"/(?![/\\])|[#?]|mailto:|tel:|https://[^/?#]+/")
STATIC_URL = re.compile(r"(/(?![/\\])|[#?]|mailto:|tel:|https://)|[A-Za-z0-9._-]*(/.*)?$", re.S)
NAME = re.compile(r"[A-Za-z0-9:@._-]")


class Bad(Exception):
    """The template cannot be compiled; the message is for its author."""


class State:
    def __init__(self):
        self.at = "text"      # text rcdata script tag_open tag_name tag attr_name after_name before_value value
        self.tag = ""         # comment decl
        self.closing = False
        self.attr, self.quote = "", ""
        self.url = ""         # literal begin of an address; "{}" once a hole made it safe, "{*}" when a hole is all
        self.space = False    # in `tag`: an attribute cannot begin without a blank before it
        self.src = False
        self.pre = 0
        self.bol = True       # nothing printed yet on this line

    def copy(self):
        return copy.copy(self)

    def settle(self):
        """At the border of a branch: `<p` has ended its name, `<option selected` its attribute."""
        if self.at == "tag_name":
            self._tag_named()
        if self.at in ("attr_name", "after_name"):
            self._attr_checked()
            self.at, self.space = "tag", True
        return self

    def key(self):
        if self.at == "tag":
            return ("tag", self.tag, self.src)
        if self.at == "value":
            return ("value", self.tag, self.attr, self.quote, self._url_key(), self.src)
        if self.at == "text":
            return ("text", self.pre)
        return (self.at, self.tag)

    def _url_key(self):
        if self.attr not in URL_ATTRS:
            return ""
        return "safe" if self.url.startswith("{}") or SAFE_START.match(self.url) else self.url

    # ---- holes -----------------------------------------------------------------

    def hole(self):
        """The kind of escaping for a value here: text, attr, href (whole), url (part)."""
        self.bol = False
        if self.at in ("text", "rcdata"):
            return self.at
        if self.at != "value":
            where = {"script": "in <script>", "comment": "in a comment", "before_value": "as an unquoted attribute",
                     }.get(self.at, "as the name of a tag or attribute")
            raise Bad(f"a value cannot stand {where}")
        if self.attr in NO_HOLE_ATTRS:
            raise Bad(f"a value cannot stand in the attribute {self.attr}")
        if self.tag in ("script", "link", "meta"):
            raise Bad(f"a value cannot stand in <{self.tag}>")
        if self.attr not in URL_ATTRS:
            return "attr"
        if self.url == "":
            self.url = "{*}"
            return "href"
        if self.url.startswith("{*}"):
            raise Bad("an address that begins with a value is nothing but that value")
        if not self.url.startswith("{}") and not SAFE_START.match(self.url):
            raise Bad(f"an address begins with a path such as /records/, not with '{self.url}'")
        self.url = "{}"
        return "url"

    # ---- text --------------------------------------------------------------------

    def feed(self, text):
        """Take literal text; returns what is to be printed (blanks of indentation go)."""
        out, i = [], 0
        while i < len(text):
            n = self._step(text, i, out)
            i += n
        return "".join(out)

    def _step(self, text, i, out):
        ch = text[i]
        if self.at == "text":
            return self._text(text, i, out)
        if self.at in ("rcdata", "script"):
            return self._until_close(text, i, out)
        out.append(ch)
        if self.at == "comment":
            if text.startswith("-->", i):
                out.append("->")
                self.at = "text"
                return 3
        elif self.at == "decl":
            if ch == ">":
                self.at = "text"
        else:
            getattr(self, "_" + self.at)(ch)
        return 1

    def _text(self, text, i, out):
        ch = text[i]
        if ch == "<":
            out.append(ch)
            self.bol = False
            if text.startswith("<!--", i):
                self.at = "comment"
                out.append("!--")
                return 4
            self.at = "tag_open"
            return 1
        m = re.match(r"[ \t]*\n\s*", text[i:])
        if m and not self.pre:
            if not self.bol:
                out.append("\n")
            self.bol = True
            return m.end()
        if self.bol and not self.pre and ch in " \t":
            return 1
        self.bol = False
        out.append(ch)
        return 1

    def _until_close(self, text, i, out):
        if text[i:i + 2 + len(self.tag)].lower() == "</" + self.tag:
            out.append("<")
            self.at = "tag_open"
            return 1
        if self.at == "script" and not text[i].isspace():
            raise Bad("inline script; put it into src/web/asset and name it by src")
        if text[i] == "<":
            raise Bad(f"`<` in <{self.tag}>; write &lt;")
        out.append(text[i])
        return 1

    def _tag_open(self, ch):
        if ch == "/" and not self.closing:
            self.closing = True
        elif ch == "!" and not self.closing:
            self.at = "decl"
        elif re.match("[A-Za-z]", ch):
            self.at, self.tag = "tag_name", ch.lower()
        else:
            raise Bad("a bare `<`; write &lt;")

    def _tag_name(self, ch):
        if re.match(r"[A-Za-z0-9-]", ch):
            self.tag += ch.lower()
            return
        self._tag_named()
        if not (ch.isspace() or ch in "/>"):
            raise Bad(f"`{ch}` in the name of a tag")
        self._tag(ch)

    def _tag_named(self):
        if self.tag in BANNED_TAGS:
            raise Bad(f"<{self.tag}> does not belong into a template")
        self.at, self.space, self.src = "tag", True, False

    def _tag(self, ch):
        if ch.isspace():
            self.space = False
        elif ch == ">":
            self._tag_end()
        elif ch == "/":
            self.space = False
        elif NAME.match(ch):
            if self.space:
                raise Bad("a blank is missing before an attribute")
            if self.closing:
                raise Bad("a closing tag has no attributes")
            self.at, self.attr = "attr_name", ch.lower()
        else:
            raise Bad(f"`{ch}` in a tag")

    def _attr_checked(self):
        if BANNED_ATTRS.match(self.attr) and self.attr != "xlink:href":
            raise Bad(f"the attribute {self.attr} is refused: no inline code or style")
        if self.attr == "src":
            self.src = True

    def _attr_name(self, ch):
        if NAME.match(ch):
            self.attr += ch.lower()
            return
        self._attr_checked()
        self.at = "after_name"
        self._after_name(ch)

    def _after_name(self, ch):
        if ch == "=":
            self.at = "before_value"
        elif ch.isspace():
            pass
        else:
            self.at, self.space = "tag", False
            self._tag(ch)

    def _before_value(self, ch):
        if ch in "\"'":
            self.at, self.quote, self.url = "value", ch, ""
        elif not ch.isspace():
            raise Bad(f"the value of {self.attr} is not quoted")

    def _value(self, ch):
        if ch == self.quote:
            if self.attr in URL_ATTRS and not self.url.startswith("{") and not STATIC_URL.match(self.url):
                raise Bad(f"the address '{self.url}' is refused")
            self.at, self.space = "tag", True
        elif self.attr in URL_ATTRS:
            if self.url.startswith("{*}"):
                raise Bad("an address that begins with a value is nothing but that value")
            if not self.url.startswith("{}"):
                self.url += ch

    def _tag_end(self):
        tag, closing = self.tag, self.closing
        self.closing, self.at = False, "text"
        if tag in ("pre", "textarea"):
            self.pre = max(0, self.pre + (-1 if closing else 1))
        if closing:
            return
        if tag == "script":
            if not self.src:
                raise Bad("inline script; put it into src/web/asset and name it by src")
            self.at = "script"
        elif tag in ("title", "textarea"):
            self.at = "rcdata"
