#!/bin/sh
# Installs the Debian packages that Qt's window, Japanese text and Python's venv need.
# As root it installs what is missing; otherwise it prints the one command to run.
set -eu

command -v dpkg-query >/dev/null 2>&1 || exit 0   # not Debian: the person knows their system

packages="libegl1 libgl1 libxkbcommon0 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0
libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 libxcb-xkb1 libdbus-1-3
libfontconfig1 libglib2.0-0 fonts-noto-cjk"
python="${PYTHON:-$(command -v python3.11 || command -v python3)}"
"$python" -c "import ensurepip" 2>/dev/null || packages="$packages python3-venv"

missing=""
for package in $packages; do
    dpkg-query -W -f '${Status} ${Provides}\n' "$package" 2>/dev/null | grep -q "install ok installed" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086
    apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 ||
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null; }
else
    echo "次のコマンドを実行してから、もう一度お試しください："
    echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends$missing"
    exit 1
fi
