#!/bin/sh
# Installs the .deb into a clean Debian, drafts without any network, upgrades, removes. Needs root.
#   sh installer/linux/test_package.sh dist/kian_<version>_amd64.deb [suite]
set -eu
package=$(realpath "$1")
suite="${2:-trixie}"
work="$(dirname "$0")/../../build/package-test"
mkdir -p "$work"
work=$(realpath "$work")
root="$work/root"
clean="$work/clean-$suite.tar"

if [ "$(id -u)" -ne 0 ] || ! command -v debootstrap >/dev/null; then
    echo "package-test は行われませんでした：root 権限と debootstrap が要ります（apt-get install debootstrap）。" >&2
    exit 77
fi
say() { echo "== $*"; }
inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
finish() { umount -q "$root/proc" "$root/sys" 2>/dev/null || true; }
trap finish EXIT

if [ ! -f "$clean" ]; then
    say "bootstrap $suite"
    rm -rf "$work/bootstrap"
    debootstrap --variant=minbase "$suite" "$work/bootstrap" >"$work/debootstrap.log"
    tar -C "$work/bootstrap" -cf "$clean" . && rm -rf "$work/bootstrap"
fi
finish
rm -rf "$root" && mkdir -p "$root" && tar -C "$root" -xf "$clean"
# File systems of its own, nothing of the host bound in: deleting the folder can never reach the host.
mount -t proc proc "$root/proc" && mount -t sysfs -o ro sysfs "$root/sys"
cp /etc/resolv.conf "$root/etc/resolv.conf"
inside sh -c '! command -v python3' || { echo "the clean root has a Python; the test would prove nothing" >&2; exit 1; }

say "install"
cp "$package" "$root/tmp/kian.deb"
inside apt-get update -qq
inside apt-get install -y -qq --no-install-recommends /tmp/kian.deb >"$work/install.log" 2>&1 || { tail "$work/install.log"; exit 1; }
test -x "$root/usr/bin/kian" && test -d "$root/var/lib/kian/models"

# As a person without rights, without any network, in a folder whose name is Japanese.
inside useradd -m -c '田中　太郎' tanaka
inside install -d -o tanaka '/home/tanaka/田中　太郎'
draft() {
    chroot "$root" unshare -n setpriv --reuid tanaka --regid tanaka --clear-groups \
        env -i PATH=/usr/bin:/bin HOME=/home/tanaka LANG=C.UTF-8 KIAN_DATA_DIR='/home/tanaka/田中　太郎/起案' \
        kian draft --example --yes --json >"$work/draft.json" 2>"$work/draft.err" || { cat "$work/draft.err"; exit 1; }
    grep -q '"finish_reason": "stop"' "$work/draft.json"
    grep -q '下書き（AI生成・未確認）' "$work/draft.json"
}
say "draft without network"
draft
say "certificate: no socket during a watched draft, versions known"
chroot "$root" unshare -n setpriv --reuid tanaka --regid tanaka --clear-groups \
    env -i PATH=/usr/bin:/bin HOME=/home/tanaka LANG=C.UTF-8 kian certify --json >"$work/certificate.json" 2>"$work/certificate.err" ||
    { cat "$work/certificate.err"; exit 1; }
grep -q '"proven": true' "$work/certificate.json"
if grep -qE '^ *"(kian|llama-cpp-python|spacy|numpy)": ""' "$work/certificate.json"; then echo "a version is unknown"; exit 1; fi
say "window starts"
chroot "$root" unshare -n setpriv --reuid tanaka --regid tanaka --clear-groups env -i PATH=/usr/bin:/bin \
    HOME=/home/tanaka LANG=C.UTF-8 QT_QPA_PLATFORM=offscreen timeout -s TERM 20 kian >"$work/window.log" 2>&1 && code=0 || code=$?
[ "$code" -eq 124 ] || { echo "the window ended by itself (code $code)"; cat "$work/window.log"; exit 1; }
say "nothing was written beside the program"
inside dpkg -V kian >"$work/changed.txt"
inside sh -c 'find /opt/kian ! -type d | sort' >"$work/found.txt"
inside sh -c 'dpkg -L kian | grep ^/opt/kian/ | while read -r path; do [ -d "$path" ] && [ ! -L "$path" ] || echo "$path"; done | sort' >"$work/listed.txt"
[ ! -s "$work/changed.txt" ] && cmp "$work/found.txt" "$work/listed.txt"

say "upgrade keeps policy, models and drafts"
echo 'schema = 1' >"$root/etc/kian/policy.toml"
echo x >"$root/var/lib/kian/models/kept.gguf"
rm -rf "$work/newer" && dpkg-deb -R "$package" "$work/newer"
version=$(dpkg-deb -f "$package" Version)
sed -i "s/$version/$version.1/g" "$work/newer/DEBIAN/preinst" "$work/newer/DEBIAN/postinst"
cp "$work/newer/DEBIAN/control" "$work/newer/DEBIAN/preinst" "$work/"
sed -i "s/^Version: .*/Version: $version.1/" "$work/newer/DEBIAN/control"
mv "$work/newer/usr/share/doc/kian/policy.sample.toml" "$work/newer/usr/share/doc/kian/policy.renamed.toml"
dpkg-deb -Znone --root-owner-group -b "$work/newer" "$root/tmp/newer.deb" >/dev/null && rm -rf "$work/newer"
inside dpkg -i /tmp/newer.deb >"$work/upgrade.log" 2>&1 || { cat "$work/upgrade.log"; exit 1; }
test -f "$root/etc/kian/policy.toml" && test -f "$root/var/lib/kian/models/kept.gguf"
test ! -e "$root/usr/share/doc/kian/policy.sample.toml"   # a file that only the old version had is gone
draft

say "a running program refuses the upgrade and stays whole"
chroot "$root" env -i PATH=/usr/bin:/bin HOME=/root LANG=C.UTF-8 QT_QPA_PLATFORM=offscreen kian >/dev/null 2>&1 &
running=$!
sleep 5
if inside dpkg -i /tmp/newer.deb >"$work/refused.log" 2>&1; then echo "the upgrade was not refused"; exit 1; fi
grep -q '起案が使われています' "$work/refused.log"
kill "$running" 2>/dev/null || true
wait "$running" 2>/dev/null || true
sleep 1
inside dpkg --configure -a >/dev/null 2>&1 || true
draft

say "no room refuses the upgrade and the old version stays whole"
rm -rf "$work/huge" && mkdir -p "$work/huge/DEBIAN"
sed "s/^Version: .*/Version: $version.2/" "$work/control" >"$work/huge/DEBIAN/control"
sed 's/^needed=.*/needed=99999999999/' "$work/preinst" >"$work/huge/DEBIAN/preinst" && chmod 755 "$work/huge/DEBIAN/preinst"
dpkg-deb --root-owner-group -b "$work/huge" "$root/tmp/huge.deb" >/dev/null
if inside dpkg -i /tmp/huge.deb >"$work/room.log" 2>&1; then echo "the upgrade was not refused"; exit 1; fi
grep -q '空き容量が足りません' "$work/room.log"
draft

say "an older version is refused and the newer one stays whole"
if inside dpkg -i /tmp/kian.deb >"$work/older.log" 2>&1; then echo "the downgrade was not refused"; exit 1; fi
grep -q '新しい版の起案' "$work/older.log"
draft

say "removal leaves nothing in the program folder"
inside dpkg -r kian >"$work/remove.log" 2>&1 || { cat "$work/remove.log"; exit 1; }
test ! -e "$root/opt/kian" && test ! -e "$root/usr/bin/kian"
test -f "$root/etc/kian/policy.toml" && test -f "$root/var/lib/kian/models/kept.gguf"
test -f "$root/home/tanaka/田中　太郎/起案/drafts.sqlite3"
inside dpkg -P kian >"$work/purge.log" 2>&1
test ! -e "$root/etc/kian" && test ! -e "$root/var/lib/kian"
test -f "$root/home/tanaka/田中　太郎/起案/drafts.sqlite3"
grep -q 'kian install: version .* (before: none)' "$root/var/log/kian-installation.log"
grep -q 'kian purge: .* (1 model files' "$root/var/log/kian-installation.log"
cat "$root/var/log/kian-installation.log"
say "package-test: 合格"
