#!/bin/sh
# Runs a command in the Wine root as the Japanese Windows user.   wine.sh FOLDER COMMAND...
# The stubs icuuc and mscms exist in this prefix only; they are never part of the package.
work=$(realpath "$1")
shift
exec chroot "$work/root" setpriv --reuid 1999 --regid 1999 --clear-groups env -i \
    HOME=/home/tanaka PATH=/usr/bin:/bin LANG=ja_JP.UTF-8 XDG_RUNTIME_DIR=/home/tanaka DISPLAY="${DISPLAY_IN:-}" \
    WINEPREFIX=/lab/prefix WINEDEBUG="${WINEDEBUG:--all}" WINEDLLOVERRIDES="mscoree=d;mshtml=d;winemenubuilder.exe=d;mscms=n;icuuc=n" \
    "$@"
