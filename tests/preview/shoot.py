#!/usr/bin/python3
"""shoot.py PREVIEW_DIR OUT_DIR [PAGE…] [--photos DIR]: pictures of the sample pages, desk and phone, light and dark.

--tall: whole pages, light only.

Serves the folder on loopback, because an <use> of another file is refused from file://."""

import functools
import http.server
import os
import subprocess
import sys
import threading


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


SIZES = {"d": "1440,900", "m": "390,844"}


def main():
    args = sys.argv[1:]
    photos, themes, sizes = "", ("", "-dark"), dict(SIZES)
    if "--tall" in args:
        args.remove("--tall")
        themes, sizes = ("",), {"d": "1440,1900", "m": "390,2600"}
    if "--photos" in args:
        at = args.index("--photos")
        photos = args[at + 1]
        del args[at:at + 2]
    src, out, pages = args[0], args[1], args[2:]
    pages = pages or sorted(f[:-5] for f in os.listdir(src) if f.endswith(".html") and not f.endswith("-dark.html"))
    link = os.path.join(src, "photos")
    if photos and not os.path.islink(link):
        os.symlink(os.path.abspath(photos), link)
    os.makedirs(out, exist_ok=True)
    handler = functools.partial(Quiet, directory=src)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for page in pages:
        for size, window in sizes.items():
            for theme in themes:
                subprocess.run(
                    ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                     f"--window-size={window}", f"--screenshot={out}/{page}{theme}-{size}.png",
                     f"http://127.0.0.1:{server.server_port}/{page}{theme}.html"],
                    stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True, timeout=60)
    server.shutdown()


if __name__ == "__main__":
    main()
