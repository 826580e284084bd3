#!/usr/bin/python3
"""Writes the first corpus of the base parsers: tests/fuzz/corpus/{csv,image,json,sheet,yaml}.
The unit tests read some of these files by name, so each says in its name what it is. The
same bytes come out every time. What fuzzing finds is added to the folders by hand.

    tests/fuzz/make_corpus.py"""

import base64
import io
import os
import struct
import zipfile
import zlib

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")

# 24 x 16 pixels each, drawn for this purpose on a browser's canvas.
JPEG = base64.b64decode("""
/9j/4AAQSkZJRgABAQAAAQABAAD/4gHYSUNDX1BST0ZJTEUAAQEAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABh
Y3NwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
AAAAAAAAAAAAAAAAAAAAAAAAAAlkZXNjAAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFlaAAABPAAAABR3dHB0AAAB
UAAAABRyVFJDAAABZAAAAChnVFJDAAABZAAAAChiVFJDAAABZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAA
AAgAAAAcAHMAUgBHAEJYWVogAAAAAAAAb6IAADj1AAADkFhZWiAAAAAAAABimQAAt4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9Y
WVogAAAAAAAA9tYAAQAAAADTLXBhcmEAAAAAAAQAAAACZmYAAPKnAAANWQAAE9AAAApbAAAAAAAAAABtbHVjAAAAAAAAAAEAAAAM
ZW5VUwAAACAAAAAcAEcAbwBvAGcAbABlACAASQBuAGMALgAgADIAMAAxADb/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcg
LikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09P
T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAARCAAQABgDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/
xAAbEAABBAMAAAAAAAAAAAAAAAACAAEEEQMSQf/EABYBAQEBAAAAAAAAAAAAAAAAAAQFBv/EAB0RAAICAQUAAAAAAAAAAAAAAAAR
EoFBFBUkJdH/2gAMAwEAAhEDEQA/AJo0ccgbndcZJMccYbhddZI0gcYaHdcdJMgcgaBdddI4mkxJWxXYbhmDpeq2SoiKQaE//9k=""")
WEBP = base64.b64decode("""
UklGRlQCAABXRUJQVlA4WAoAAAAgAAAAFwAADwAASUNDUMgBAAAAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABh
Y3NwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
AAAAAAAAAAAAAAAAAAAAAAAAAAlkZXNjAAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFlaAAABPAAAABR3dHB0AAAB
UAAAABRyVFJDAAABZAAAAChnVFJDAAABZAAAAChiVFJDAAABZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAA
AAgAAAAcAHMAUgBHAEJYWVogAAAAAAAAb6IAADj1AAADkFhZWiAAAAAAAABimQAAt4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9Y
WVogAAAAAAAA9tYAAQAAAADTLXBhcmEAAAAAAAQAAAACZmYAAPKnAAANWQAAE9AAAApbAAAAAAAAAABtbHVjAAAAAAAAAAEAAAAM
ZW5VUwAAACAAAAAcAEcAbwBvAGcAbABlACAASQBuAGMALgAgADIAMAAxADZWUDggZgAAADAFAJ0BKhgAEAA+0VSjS6gkoyGwCAEA
GglsAJ0vXggF4A2wD9AKYA3iwCwL8hUN7IAAAP5vm9KSPLZDJKbCvZlbuOTl8HJOfuLeFADaLOjM1rraWLGDkWDCL2I5soPnQYKf
4RYAAA==""")
WEBP_ALPHA = base64.b64decode("""
UklGRoACAABXRUJQVlA4WAoAAAAwAAAAFwAADwAASUNDUMgBAAAAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABh
Y3NwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
AAAAAAAAAAAAAAAAAAAAAAAAAAlkZXNjAAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFlaAAABPAAAABR3dHB0AAAB
UAAAABRyVFJDAAABZAAAAChnVFJDAAABZAAAAChiVFJDAAABZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAA
AAgAAAAcAHMAUgBHAEJYWVogAAAAAAAAb6IAADj1AAADkFhZWiAAAAAAAABimQAAt4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9Y
WVogAAAAAAAA9tYAAQAAAADTLXBhcmEAAAAAAAQAAAACZmYAAPKnAAANWQAAE9AAAApbAAAAAAAAAABtbHVjAAAAAAAAAAEAAAAM
ZW5VUwAAACAAAAAcAEcAbwBvAGcAbABlACAASQBuAGMALgAgADIAMAAxADZBTFBIFQAAAAEPMP8REUJIQHjg/1rVhIj+T0By7QBW
UDggdAAAABAEAJ0BKhgAEAA+0VSjS6gkoyGwCAEAGglsALsvUMAA3jgCwLWLRcVAAP5vm78v7gBh7HE3hvmcTg3WsiYE/JGqNe35
+e1PUZRVTbE5zT2pNHCKTZQq3ewoBPXXnX5SbaP1Kp//77VByZu3//Us//aEgAAA""")
PNG = base64.b64decode("""
iVBORw0KGgoAAAANSUhEUgAAABgAAAAQCAYAAAAMJL+VAAABNUlEQVR4AZyTv0sCcRjGHyRoKAiKwMCpyKEl45ZqKC4iSGguaGns
L3BsiKaDiKKghsKlsbWWKBe9RXBTUPwBOvkDdNBBhNP30C8cfL939574cO897/M+n+lCWU2zOALzF2Lm2XEpwNyM4/XYQOLyxxbN
5LHbJwcOQGcxjMf4M5L6LXLrR+gtrNqimTzaTW5YfwfgXb9DPrKrLHDbqY4EIB09Q3ktpsoF9gUgu3ESuMTtUAAaK1G3XOCdAPht
0N4sS39o+/52BCDSKfplgJMVgMPCl28AJysAsVoKW3XTE7JdTYGynsFpQADo/dy8x9xoSKNU88MBLjKGdKcyHYBwt4aXj31c/d9g
p/KHpX7LFs3kPSUPsNxvqrqkvgMwS+yVvnH9m4DxeWqLZvJme85TCuAUeGXHAAAA//9N4nXnAAAABklEQVQDACN2grnvkY69AAAA
AElFTkSuQmCC""")


def put(folder, name, data):
    path = os.path.join(HERE, folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data.encode() if isinstance(data, str) else data)


# ---- pictures -------------------------------------------------------------------

def tiff(orientation, big=True, gps=b"GPS 31.2304N 121.4737E"):
    """A TIFF block with orientation, a maker and a pointer to a place."""
    o = ">" if big else "<"
    entries = [(0x010F, 2, 8, b"CANARY!\0"), (0x0112, 3, 1, orientation), (0x8825, 4, 1, 200)]
    out = (b"MM\0*" if big else b"II*\0") + struct.pack(o + "I", 8) + struct.pack(o + "H", len(entries))
    for tag, kind, n, v in entries:
        out += struct.pack(o + "HHI", tag, kind, n)
        if isinstance(v, bytes):
            out += struct.pack(o + "I", 100)
        elif kind == 3:
            out += struct.pack(o + "HH", v, 0)
        else:
            out += struct.pack(o + "I", v)
    out += struct.pack(o + "I", 0)
    return (out.ljust(100, b"\0") + b"CANARY!\0").ljust(200, b"\0") + gps


def segment(marker, payload):
    return bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload


def jpeg_parts():
    """(head with tables up to SOS, the scan with EOI) of JPEG."""
    at = JPEG.index(b"\xff\xda")
    return JPEG[2:at], JPEG[at:]


def jpegs():
    head, scan = jpeg_parts()
    soi = b"\xff\xd8"
    exif = segment(0xE1, b"Exif\0\0" + tiff(6))
    xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>CANARY</x:xmpmeta>")
    put("image", "plain.jpg", JPEG)
    put("image", "phone.jpg", soi + exif + xmp + segment(0xE2, b"ICC_PROFILE\0CANARY") +
        segment(0xFE, b"<script>CANARY</script>") + head + scan + b"<html>CANARY</html>" + JPEG)
    put("image", "turned-little-endian.jpg", soi + segment(0xE1, b"Exif\0\0" + tiff(8, False)) + head + scan)
    put("image", "fill-bytes.jpg", soi + b"\xff\xff\xff" + head + b"\xff\xff" + scan)
    put("image", "adobe.jpg", soi + segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01CANARY") + head + scan)
    put("image", "truncated.jpg", JPEG[:-30])
    put("image", "no-scan.jpg", soi + head + b"\xff\xd9")
    put("image", "scan-bomb.jpg", soi + head + scan[:-2] * 200 + b"\xff\xd9")
    sof = head.index(b"\xff\xc0")
    put("image", "huge.jpg", soi + head[:sof + 5] + b"\xff\xff\xff\xff" + head[sof + 9:] + scan)
    put("image", "zero.jpg", soi + head[:sof + 5] + b"\0\0\0\0" + head[sof + 9:] + scan)
    put("image", "lossless.jpg", soi + head[:sof + 1] + b"\xc3" + head[sof + 2:] + scan)
    put("image", "two-frames.jpg", soi + head + head + scan)
    put("image", "padded-table.jpg", soi + segment(0xDB, bytes(65) + b"CANARY") + head + scan)
    put("image", "short-segment.jpg", soi + b"\xff\xe1\x00\x01" + head + scan)


def chunk(kind, data, crc=None):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body) if crc is None else crc)


def png_chunks(data):
    at = 8
    while at < len(data):
        n = struct.unpack(">I", data[at:at + 4])[0]
        yield data[at + 4:at + 8], data[at + 8:at + 8 + n]
        at += 12 + n


def pngs():
    sig = PNG[:8]
    parts = list(png_chunks(PNG))
    idat = b"".join(d for k, d in parts if k == b"IDAT")
    ihdr = parts[0][1]
    ok = chunk(b"IHDR", ihdr) + chunk(b"IDAT", idat) + chunk(b"IEND", b"")
    put("image", "plain.png", PNG)
    put("image", "phone.png", sig + chunk(b"IHDR", ihdr) + chunk(b"iCCP", b"CANARY\0\0" + zlib.compress(b"x" * 9)) +
        chunk(b"tEXt", b"Comment\0<script>CANARY") + chunk(b"eXIf", tiff(3)) + chunk(b"IDAT", idat) +
        chunk(b"tIME", b"CANARY!") + chunk(b"IEND", b"") + b"<html>CANARY")
    put("image", "turned-after.png", sig + chunk(b"IHDR", ihdr) + chunk(b"IDAT", idat) +
        chunk(b"eXIf", tiff(6, False)) + chunk(b"IEND", b""))
    put("image", "moving.png", sig + chunk(b"IHDR", ihdr) + chunk(b"acTL", struct.pack(">II", 90000, 0)) +
        chunk(b"fcTL", bytes(26)) + chunk(b"IDAT", idat) + chunk(b"fdAT", bytes(4) + idat) + chunk(b"IEND", b""))
    put("image", "bad-sum.png", sig + chunk(b"IHDR", ihdr) + chunk(b"IDAT", idat, 1) + chunk(b"IEND", b""))
    put("image", "huge.png", sig + chunk(b"IHDR", struct.pack(">II", 65535, 65535) + ihdr[8:]) + ok[25:])
    put("image", "huge-one-row.png", sig + chunk(b"IHDR", struct.pack(">II", 1 << 31, 1) + ihdr[8:]) + ok[25:])
    put("image", "unknown-critical.png", sig + ok[:25] + chunk(b"ABCD", b"x") + ok[25:])
    put("image", "split-data.png", sig + ok[:25] + chunk(b"IDAT", idat[:9]) + chunk(b"tEXt", b"a\0b") +
        chunk(b"IDAT", idat[9:]) + chunk(b"IEND", b""))
    put("image", "no-end.png", sig + ok[:-12])
    put("image", "long-chunk.png", sig + ok[:25] + b"\xff\xff\xff\xf0IDAT")


def riff(*parts):
    body = b"WEBP"
    for kind, data in parts:
        body += kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webp_chunks(data):
    at = 12
    out = []
    while at + 8 <= len(data):
        n = struct.unpack("<I", data[at + 4:at + 8])[0]
        out.append((data[at:at + 4], data[at + 8:at + 8 + n]))
        at += 8 + n + n % 2
    return out


def webps():
    plain = dict(webp_chunks(WEBP))[b"VP8 "]
    canvas = struct.pack("<I", 23)[:3] + struct.pack("<I", 15)[:3]
    x = lambda flags: (b"VP8X", bytes([flags, 0, 0, 0]) + canvas)
    lossless = b"\x2f" + struct.pack("<I", 23 | 15 << 14) + b"not decoded here"
    put("image", "plain.webp", riff((b"VP8 ", plain)))
    put("image", "browser.webp", WEBP)
    put("image", "alpha.webp", WEBP_ALPHA)
    put("image", "phone.webp", riff(x(0x2c), (b"ICCP", b"CANARY"), (b"VP8 ", plain), (b"EXIF", tiff(6)),
                                    (b"XMP ", b"<x>CANARY</x>"), (b"CNRY", b"CANARY")) + b"<html>CANARY")
    put("image", "lossless.webp", riff((b"VP8L", lossless)))
    put("image", "moving.webp", riff(x(2), (b"ANIM", bytes(6)), (b"ANMF", bytes(24))))
    put("image", "flag-moving.webp", riff(x(2), (b"VP8 ", plain)))
    put("image", "other-canvas.webp", riff((b"VP8X", bytes(4) + b"\xff" * 6), (b"VP8 ", plain)))
    put("image", "two-pictures.webp", riff((b"VP8 ", plain), (b"VP8 ", plain)))
    put("image", "no-picture.webp", riff(x(0), (b"EXIF", tiff(2))))
    put("image", "cut.webp", WEBP[:-20])


def others():
    put("image", "photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    put("image", "moving.gif", b"GIF89a\x01\0\x01\0\x80\0\0")
    put("image", "page.html", "<html><script>alert(1)</script>")
    put("image", "drawing.svg", "<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>")
    put("image", "three-bytes.jpg", b"\xff\xd8\xff")
    put("image", "empty", b"")


# ---- workbooks ------------------------------------------------------------------

NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" ' \
     'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def rels(items):
    rows = "".join(f'<Relationship Id="{i}" Type="{REL}{t}" Target="{target}"/>' for i, t, target in items)
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return HEAD + f'<Relationships xmlns="{space}">{rows}</Relationships>'


def book(sheets, shared=None, styles=None, tabs=None, workbook_pr="", folder="xl/", extra=(), doctype=""):
    """An .xlsx. sheets: the inside of <worksheet>; tabs: (name, state) of each."""
    tabs = tabs or [(f"Sheet{i + 1}", "") for i in range(len(sheets))]
    items = [(f"rId{i + 1}", "worksheet", f"worksheets/sheet{i + 1}.xml") for i in range(len(sheets))]
    if shared is not None:
        items.append(("rId90", "sharedStrings", "/" + folder + "sharedStrings.xml"))
    if styles is not None:
        items.append(("rId91", "styles", "styles.xml"))
    listed = "".join(f'<sheet name="{n}" sheetId="{i + 1}"{f""" state="{s}" """ if s else " "}r:id="rId{i + 1}"/>'
                     for i, (n, s) in enumerate(tabs))
    parts = {
        "[Content_Types].xml": HEAD + "<Types/>",
        "_rels/.rels": rels([("rId1", "officeDocument", folder + "workbook.xml")]),
        folder + "workbook.xml": HEAD + f"<workbook {NS}>{workbook_pr}<sheets>{listed}</sheets></workbook>",
        folder + "_rels/workbook.xml.rels": rels(items),
    }
    if shared is not None:
        parts[folder + "sharedStrings.xml"] = HEAD + f"<sst {NS}>{shared}</sst>"
    if styles is not None:
        parts[folder + "styles.xml"] = HEAD + f"<styleSheet {NS}>{styles}</styleSheet>"
    for i, inside in enumerate(sheets):
        parts[folder + f"worksheets/sheet{i + 1}.xml"] = HEAD + doctype + f"<worksheet {NS}>{inside}</worksheet>"
    parts.update(extra)
    return packed(parts)


def packed(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, text in parts.items():
            info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            z.writestr(info, text)
    return out.getvalue()


STYLES = '<numFmts count="3"><numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;;@"/>' \
    '<numFmt numFmtId="177" formatCode="[$-804]yyyy/m/d\\ h:mm"/>' \
    '<numFmt numFmtId="178" formatCode="0.00&quot;days&quot;"/>' \
    '</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>' \
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="176"/><xf numFmtId="177"/><xf numFmtId="178"/>' \
    '<xf numFmtId="20"/><xf numFmtId="31"/></cellXfs>'


def excel():
    shared = "".join([
        "<si><t>实验小学教职工名单</t></si>", "<si><t>姓名</t></si>", "<si><t>部门</t></si>",
        "<si><r><t>张</t></r><r><rPr><b/></rPr><t>三</t></r></si>",
        '<si><t>李四</t><rPh sb="0" eb="1"><t>りし</t></rPh></si>', "<si><t>教务处</t></si>",
        '<si><t xml:space="preserve"> 一_x000D_\n二&amp;三 </t></si>'])
    first = '<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row>' \
        '<row r="3"><c r="A3" t="s"><v>1</v></c><c r="B3" t="s"><v>2</v></c>' \
        '<c r="C3" t="inlineStr"><is><t>电话</t></is></c>' \
        '<c r="D3" t="str"><f>UPPER("d")</f><v>D</v></c></row>' \
        '<row r="4"><c r="A4" t="s"><v>3</v></c><c r="B4" t="s"><v>5</v></c><c r="C4"><v>13800000001</v></c>' \
        '<c r="D4" s="1"><v>46345</v></c><c r="E4" s="2"><v>46345</v></c>' \
        '<c r="F4" s="3"><v>46345.354166666664</v></c>' \
        '<c r="G4" s="4"><v>1.5</v></c><c r="H4" s="5"><v>0.30555555555555552</v></c></row>' \
        '<row r="5"><c r="A5" t="s"><v>4</v></c><c r="B5"/><c r="C5"><v>1.38E10</v></c>' \
        '<c r="D5"><v>0.10000000000000001</v></c>' \
        '<c r="E5" t="b"><v>1</v></c><c r="F5" t="e"><v>#N/A</v></c><c r="G5" t="s"><v>6</v></c>' \
        '<c r="H5" s="6"><v>1</v></c><c r="I5" t="s"><v>99</v></c><c r="J5" s="1"><v>60</v></c></row></sheetData>' \
        '<mergeCells><mergeCell ref="A1:H1"/><mergeCell ref="B4:B9"/></mergeCells>'
    second = '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>second</t></is></c></row></sheetData>'
    hidden = '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>hidden</t></is></c></row></sheetData>'
    put("sheet", "excel.xlsx", book([first, hidden, second], shared, STYLES,
                                    [("名单", ""), ("藏", "hidden"), ("第二", "")]))


def workbooks():
    excel()
    cell = lambda ref, text: f'<c r="{ref}" t="inlineStr"><is><t>{text}</t></is></c>'
    one = f'<sheetData><row r="1">{cell("A1", "x")}</row></sheetData>'
    put("sheet", "no-refs.xlsx", book(['<sheetData><row><c t="inlineStr"><is><t>a</t></is></c><c><v>2</v></c></row>'
                                       '<row><c/><c t="inlineStr"><is><t>b</t></is></c></row></sheetData>']))
    put("sheet", "date1904.xlsx", book(['<sheetData><row r="1"><c r="A1" s="1"><v>44883</v></c></row></sheetData>'],
                                       styles=STYLES, workbook_pr='<workbookPr date1904="1"/>'))
    prefixed = book(["<sheetData/>"], extra={"xl/worksheets/sheet1.xml": HEAD +
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData><x:row r="1">'
        '<x:c r="A1" t="inlineStr"><x:is><x:t>prefixed</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>'})
    put("sheet", "prefixed.xlsx", prefixed)
    put("sheet", "other-folder.xlsx", book([one], folder="a/b/"))
    put("sheet", "empty-sheet.xlsx", book(
        ["<sheetData/>", f'<sheetData><row r="2">{cell("B2", "x")}</row></sheetData>']))
    put("sheet", "nothing.xlsx", book(["<sheetData/>"]))
    put("sheet", "doctype.xlsx", book([one.replace("x", "&a;")],
        doctype='<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'))
    put("sheet", "last-row.xlsx", book([f'<sheetData><row r="1048576">{cell("A1048576", "x")}</row></sheetData>']))
    put("sheet", "last-column.xlsx", book([f'<sheetData><row r="1">{cell("XFD1", "x")}</row></sheetData>']))
    put("sheet", "bad-ref.xlsx", book([f'<sheetData><row r="1">{cell("1A", "x")}</row></sheetData>']))
    put("sheet", "deep.xlsx", book(["<a>" * 100 + "</a>" * 100]))
    put("sheet", "cut-xml.xlsx", book(["<sheetData><row>"]))
    put("sheet", "long-cell.xlsx", book([f'<sheetData><row r="1">{cell("A1", "x" * 70000)}</row></sheetData>']))
    put("sheet", "bomb.xlsx", book(['<sheetData>' + " " * (70 << 20) + "</sheetData>"]))
    put("sheet", "far-corners.xlsx", book(
        [f'<sheetData><row r="5000">{cell("IV5000", "x")}</row></sheetData>'] * 3))
    put("sheet", "many-tabs.xlsx", book(["<sheetData/>"], tabs=[(f"t{i}", "") for i in range(70)]))
    put("sheet", "no-workbook.zip", packed({"readme.txt": "words"}))
    put("sheet", "empty-target.xlsx", packed({"_rels/.rels": rels([("a", "officeDocument", "")])}))
    good = book([one])
    put("sheet", "cut.xlsx", good[:len(good) // 2])
    put("sheet", "flipped.xlsx", good.replace(b"PK\x01\x02", b"PK\x01\x03", 1))
    put("sheet", "merges.xlsx", book([
        f'<sheetData><row r="1">{cell("A1", "x")}</row><row r="3">{cell("B3", "y")}</row></sheetData>'
        '<mergeCells><mergeCell ref="A1:A1048576"/><mergeCell ref="C1:C9"/><mergeCell ref="B9"/></mergeCells>']))
    put("sheet", "old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64))
    put("sheet", "page.xls", "<html><table><tr><td>a</td></tr></table></html>")
    put("sheet", "paper.pdf", "%PDF-1.4\n")
    put("sheet", "lines.csv", "a,b\n1,2\n")


# ---- text -----------------------------------------------------------------------

def tables():
    text = "姓名,部门,电话\n张三,教务处,13800000001\n李四,,\n"
    put("csv", "utf8.csv", text)
    put("csv", "bom.csv", b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    put("csv", "gb18030.csv", text.encode("gb18030"))
    put("csv", "gb18030-rare.csv", "姓名\n𠮷\n䶮\n".encode("gb18030"))
    put("csv", "utf16.csv", b"\xff\xfe" + text.replace(",", "\t").encode("utf-16-le"))
    put("csv", "utf16be.csv", b"\xfe\xff" + text.encode("utf-16-be"))
    put("csv", "semicolon.csv", text.replace(",", ";"))
    put("csv", "pasted.tsv", '姓名\t备注\n张三\t"一行\n二行, ""引"""\n')
    put("csv", "quotes.csv", 'a,"b ""x"" c","d\ne"\r\n"",x"y,"p"q\r\n')
    put("csv", "formula-text.csv", 'id,n\n="0012",="a""b"\n=1+1,=""\n')
    put("csv", "sep.csv", "sep=;\na;b,c\n")
    put("csv", "old-mac.csv", "a,b\rc,d\r")
    put("csv", "blank-lines.csv", "\n\na,b\n\n1,2\n\n\n")
    put("csv", "open-quote.csv", 'a,b\n"c,d\ne')
    put("csv", "open-pair.csv", '"a""')
    put("csv", "binary.csv", b"\x00\x01\x02\xff\xfe")
    put("csv", "broken-gb.csv", b"a,\xff\xff\x80\n")
    put("csv", "wide.csv", "x," * 300 + "y\n")
    put("csv", "tall.csv", "\n" * 6000 + "x\n")
    put("csv", "empty.csv", "")


def trees():
    put("yaml", "pack.yaml", "pack: safety\nversion: 1\nposts:\n  - id: head\n    name: 校长\n"
        "    duties: [a, b]\ntext: |\n  一\n   二\n"
        "folded: >-\n  x\n  y\n---\nquote: 'it''s'\ndouble: \"\\u597d\\n\"\nnone:\n")
    put("yaml", "laughs.yaml", "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n")
    put("yaml", "merge.yaml", "a: {b: 1}\nc:\n  <<: {b: 2}\n")
    put("yaml", "tag.yaml", "a: !!python/object/apply:os.system ['x']\n")
    put("yaml", "duplicate.yaml", "a: 1\n'a': 2\n")
    put("yaml", "norway.yaml", "[NO, 010, 1:20, 1e3, .inf, ~, null, 0x1F, 2026-01-01]\n")
    put("yaml", "deep.yaml", "[" * 200 + "]" * 200)
    put("yaml", "deep-dashes.yaml", "- " * 200)
    put("yaml", "deep-map.yaml", "{a: " * 100 + "}" * 100)
    put("yaml", "complex-key.yaml", "? [a]\n: b\n")
    put("yaml", "tab.yaml", "a:\n\tb: 1\n")
    put("yaml", "bidi.yaml", "a: x\u202ey\n")
    put("yaml", "directive.yaml", "%YAML 1.1\n---\na: 1\n")
    put("yaml", "nul.yaml", b"a: \x00\n")
    put("yaml", "latin.yaml", b"a: \xe9\n")
    put("yaml", "open-quote.yaml", "a: 'x\nb: 1\n")
    put("json", "object.json", '{"a":[1,-2,3.5,1e2,true,false,null],"好":"\\u597d\\ud83d\\ude00\\n","o":{}}')
    put("json", "duplicate.json", '{"a":1,"a":2}')
    put("json", "deep.json", "[" * 40 + "]" * 40)
    put("json", "brackets-in-text.json", '"' + "[" * 100 + '\\""')
    put("json", "big.json", "[9223372036854775807,-9223372036854775808,1e308,5e-324,0.1,123456789.123456789]")
    put("json", "too-big.json", "[9223372036854775808]")
    put("json", "surrogate.json", '"\\ud800"')
    put("json", "nul.json", '"\\u0000"')
    put("json", "cut.json", '{"a":[1,')
    put("json", "utf8.json", b'"\xc3\x28"')
    put("json", "script.json", '"</script><!--\\u2028&"')


def main():
    jpegs()
    pngs()
    webps()
    others()
    workbooks()
    tables()
    trees()


if __name__ == "__main__":
    main()
