#!/bin/sh
# Makes a Debian 13 root with Wine 10 and a Windows user with a Japanese name. Needs root, debootstrap, mingw.
#   sh installer/wine/setup.sh FOLDER
set -eu
here=$(dirname "$(realpath "$0")")
work=$(realpath -m "$1")
root="$work/root"
if [ "$(id -u)" -ne 0 ] || ! command -v debootstrap >/dev/null || ! command -v x86_64-w64-mingw32-gcc-posix >/dev/null; then
    cat >&2 <<'MESSAGE'
################################################################################
Wine での確認は行われませんでした。Windows 版は、確かめられていません。
root 権限と debootstrap、g++-mingw-w64-x86-64-posix が要ります。
################################################################################
MESSAGE
    exit 77
fi
mkdir -p "$work"
[ -x "$root/usr/bin/apt-get" ] || debootstrap --variant=minbase trixie "$root" >"$work/debootstrap.log"
mkdir -p "$root/proc" "$root/sys" "$root/lab"
# File systems of its own, nothing of the host bound in: deleting the folder can never reach the host.
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
mountpoint -q "$root/sys" || mount -t sysfs -o ro sysfs "$root/sys"
cp /etc/resolv.conf "$root/etc/resolv.conf"
if [ ! -x "$root/usr/bin/wine" ] || [ ! -x "$root/usr/bin/Xvfb" ] || ! chroot "$root" locale -a | grep -q ja_JP; then
    # The Japanese locale gives Wine the code page of a Japanese Windows (932).
    chroot "$root" env DEBIAN_FRONTEND=noninteractive sh -c 'apt-get update -qq && apt-get install -y -qq \
        --no-install-recommends wine wine64 xvfb xauth imagemagick x11-utils fonts-noto-cjk locales &&
        localedef -i ja_JP -f UTF-8 ja_JP.UTF-8' >"$work/apt.log" 2>&1
fi
# A Windows account as municipalities have them: kanji with a full-width space. useradd refuses it.
grep -q ':1999:' "$root/etc/passwd" || echo '田中　太郎:x:1999:1999::/home/tanaka:/bin/sh' >>"$root/etc/passwd"
install -d -o 1999 -g 1999 "$root/home/tanaka" "$root/lab"
compiler="x86_64-w64-mingw32-gcc-posix -shared -O1 -s"
$compiler -o "$work/icuuc.dll" "$here/icuuc.c"
$compiler -o "$work/mscms.dll" "$here/mscms.c"
prefix="$root/lab/prefix"
if [ ! -d "$prefix/drive_c/windows/system32" ]; then
    sh "$here/wine.sh" "$work" wineboot -u >"$work/wineboot.log" 2>&1
    sh "$here/wine.sh" "$work" wineserver -w
fi
install -o 1999 -g 1999 "$work/icuuc.dll" "$work/mscms.dll" "$prefix/drive_c/windows/system32/"
