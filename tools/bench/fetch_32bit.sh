#!/usr/bin/env bash
# Unpacks a 32-bit MicroPython, as a board has one, and prints where it is: for MICROPYTHON32.
#
#     export MICROPYTHON32=$(tools/bench/fetch_32bit.sh ~/.cache/rapport/micropython32)
#
# Debian has one for i386 since its version 13. apt fetches it from the mirror that this machine uses
# anyway, checks its signatures, and installs nothing: all of it is in one folder.
set -euo pipefail
target=$(realpath -m "${1:?a folder to unpack into}")
program=$target/micropython
if [ -x "$program" ]; then
    echo "$program"
    exit
fi

mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Component: main' 2>/dev/null | head -n 1)
[ -n "$mirror" ] || { echo "apt knows no mirror here: run apt-get update" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists,cache}/partial "$target.new"
touch "$work/status"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [arch=i386 signed-by=$keyring] $mirror trixie main" >"$work/sources.list"
alone=(
    -qq
    -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State=$work" -o "Dir::State::status=$work/status" -o "Dir::Cache=$work/cache"
    -o APT::Architecture=i386 -o APT::Architectures::=i386 -o APT::Install-Recommends=false
    -o Acquire::Languages=none -o APT::Sandbox::User=root
)
apt-get "${alone[@]}" update >&2
apt-get "${alone[@]}" --download-only --yes install micropython >&2
for package in "$work"/cache/archives/*.deb; do
    dpkg-deb --extract "$package" "$target.new"
done

rm -rf "$target"
mv "$target.new" "$target"
cat >"$program.new" <<EOF
#!/bin/sh
exec "$target/usr/lib/ld-linux.so.2" --library-path "$target/usr/lib/i386-linux-gnu" "$target/usr/bin/micropython" "\$@"
EOF
chmod +x "$program.new"
"$program.new" -c 'import sys; assert sys.maxsize == 2**31 - 1'
mv "$program.new" "$program"
echo "$program"
