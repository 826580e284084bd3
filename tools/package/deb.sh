#!/usr/bin/env bash
# deb.sh OUT: one .deb of the release build. Called by ./dev package.
# The same tree gives the same bytes: times are those of the last commit.
set -euo pipefail
out=$1
version=0.1.0+git$(git rev-list --count HEAD).$(git rev-parse --short HEAD)
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
arch=$(dpkg --print-architecture)
root=$out/deb/bihuan
rm -rf "$out/deb"
install -d "$root/DEBIAN" "$root/usr/bin" "$root/lib/systemd/system" "$root/usr/share/doc/bihuan"
install -s -m 0755 "$out/release/bihuan" "$root/usr/bin/bihuan"
install -m 0644 tools/package/bihuan.service "$root/lib/systemd/system/bihuan.service"
for f in LICENSE README.md; do [ ! -e "$f" ] || install -m 0644 "$f" "$root/usr/share/doc/bihuan/"; done

# dpkg-shlibdeps wants a debian/control beside it; the dependencies are what the program links.
install -d "$out/deb/debian"
printf 'Source: bihuan\n\nPackage: bihuan\nArchitecture: any\nDescription: x\n' >"$out/deb/debian/control"
program=$(realpath "$root/usr/bin/bihuan")
depends=$(cd "$out/deb" && dpkg-shlibdeps -O "$program" 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
cat >"$root/DEBIAN/control" <<TXT
Package: bihuan
Version: $version
Architecture: $arch
Maintainer: Bihuan <bihuan@localhost>
Depends: $depends
Recommends: fonts-noto-cjk
Section: web
Priority: optional
Description: school safety run by documents (闭环)
 Policy documents become packs; duties, loops, records and reports are computed
 from them, on an append-only ledger. One program, one data folder.
TXT
find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group --build "$root" "$out/bihuan_${version}_$arch.deb"
