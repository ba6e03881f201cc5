#!/bin/sh
# Tries the MSI under Wine 10: silent install, draft, window, upgrade, refused downgrade, removal. Needs root.
#   sh installer/wine/test_msi.sh        (after `make package-windows`)
# What Wine shows is not what Windows shows: docs/it-handbook.md has the table.
set -eu
here=$(dirname "$(realpath "$0")")
top=$(realpath "$here/../..")
work="$top/build/wine-test"
version=$(cd "$top" && python3 -c 'import sys; sys.path.insert(0, "installer"); import contents; print(contents.version())')
newer="${version%.*}.$((${version##*.} + 1))"   # Windows Installer compares three numbers only
rm -rf "$work/root/lab/prefix"   # what an earlier run left would be taken for the program
sh "$here/setup.sh" "$work" || exit $?
root="$work/root"
prefix="$root/lab/prefix"
drive="$prefix/drive_c"
program="$drive/Program Files/Kian"
finish() {
    sh "$here/wine.sh" "$work" wineserver -k 2>/dev/null || true
    umount -q "$root/proc" "$root/sys" || true
}
trap finish EXIT
wine() { sh "$here/wine.sh" "$work" "$@"; }
say() { echo "== $*"; }
fail() { echo "package-test-windows: 不合格：$*" >&2; exit 1; }
msi() { msi_while_open "$@"; wine wineserver -w; }
msi_while_open() { rm -f "$root/lab/msi.log"; wine wine msiexec "$@" '/l*v' 'Z:\lab\msi.log' && code=0 || code=$?; }
refused() {   # what the log must tell
    [ "$code" -ne 0 ] || fail "not refused: $1"
    iconv -f cp932 -t utf-8 "$root/lab/msi.log" | grep -q "$1" || fail "the log does not tell: $1"
}
value() { wine wine reg query 'HKLM\Software\Kian' /v "$1" 2>/dev/null | tr -d '\r' | sed -n "s/^ *$1 *REG_SZ *//p"; }
mv_in() { cp "$1" "$root/lab/$2"; }

say "newer version of the same payload, for the upgrade"
[ -f "$work/kian-$newer-x64.msi" ] && [ "$work/kian-$newer-x64.msi" -nt "$top/dist/kian-$version-x64.msi" ] ||
    python3 "$top/installer/msi/build.py" --version "$newer" --output "$work" --no-zip
mv_in "$top/dist/kian-$version-x64.msi" kian.msi
mv_in "$work/kian-$newer-x64.msi" newer.msi
printf 'schema = 1\n[masking]\nprofile = "厳格"\n' >"$root/lab/policy.toml"

say "a policy that cannot be read is no reason to install without it"
msi /i 'Z:\lab\kian.msi' /qn /norestart 'POLICY=\\fileserver\gone\policy.toml'
refused 'POLICY で指定された管理者設定のファイルを読めません'
[ ! -e "$program/kian.exe" ] || fail "something was installed"

say "silent install with properties, as a Windows user with a Japanese name"
started=$(date +%s)
msi /i 'Z:\lab\kian.msi' /qn /norestart 'MODELDIR=D:\models' 'POLICY=Z:\lab\policy.toml' 'SHELF=\\fileserver\kian\shelf' AUTOSTART=1
[ "$code" -eq 0 ] || fail "msiexec ended with $code"
echo "   $(($(date +%s) - started)) s, $(find "$program" -type f | wc -l) files"
[ -f "$program/kian.exe" ] && [ -f "$program/kian.com" ] || fail "the program is not there"
[ "$(value ModelDir)" = 'D:\models' ] || fail "MODELDIR: $(value ModelDir)"
[ "$(value ShelfDir)" = '\\fileserver\kian\shelf' ] || fail "SHELF: $(value ShelfDir)"
cmp "$root/lab/policy.toml" "$drive/ProgramData/Kian/policy.toml" || fail "POLICY was not put in place"
wine wine reg query 'HKLM\Software\Microsoft\Windows\CurrentVersion\Run' /v Kian >/dev/null || fail "AUTOSTART"
find "$drive" -name '起案.lnk' | grep -q . || fail "no Start menu entry named 起案"
wine wine reg query 'HKLM\Software\Classes\Kian.Pack' /ve >/dev/null || fail "file type"

say "draft in the terminal with the demonstration model"
draft() {
    started=$(date +%s)
    wine wine 'C:\Program Files\Kian\kian.com' draft --example --yes --json >"$work/draft.json" 2>"$work/draft.err" || {
        cat "$work/draft.err" >&2
        fail "the draft ended with an error"
    }
    grep -q '"finish_reason": "stop"' "$work/draft.json" || fail "no draft"
    echo "   $(($(date +%s) - started)) s"
}
draft
grep -q 'D:.models が見つかりません' "$work/draft.err" || fail "a MODELDIR that is not there is not told"
find "$drive/users/田中　太郎" -name drafts.sqlite3 | grep -q . || fail "the draft is not in the person's folder"
say "the policy put in place is in force"
wine wine 'C:\Program Files\Kian\kian.com' policy check --json >"$work/policy.json" 2>/dev/null || fail "policy check"
grep -A1 '"masking.profile"' "$work/policy.json" | grep -q '厳格' || fail "the policy is not in force"

say "window, seen in a screenshot"
chroot "$root" Xvfb :77 -screen 0 1280x800x24 -nolisten tcp >/dev/null 2>&1 &
display=$!
sleep 3
DISPLAY_IN=:77 wine wine 'C:\Program Files\Kian\kian.exe' >"$work/window.log" 2>&1 &
colours=0
for _ in $(seq 60); do
    sleep 3
    chroot "$root" env DISPLAY=:77 import -window root /lab/window.png 2>/dev/null || continue
    colours=$(chroot "$root" identify -format '%k' /lab/window.png)
    [ "$colours" -gt 100 ] && break
done
sleep 10
chroot "$root" env DISPLAY=:77 import -window root /lab/window.png && cp "$root/lab/window.png" "$work/window.png"
echo "   $colours colours, $work/window.png"
[ "$colours" -gt 100 ] || fail "no window was drawn"
say "while the window is open, upgrade and removal are refused and the old version stays whole"
msi_while_open /i 'Z:\lab\newer.msi' /qn /norestart
refused '起案が使われているか'
msi_while_open /x 'Z:\lab\kian.msi' /qn /norestart
refused '起案が使われているか'
[ -f "$program/kian.exe" ] || fail "the program is gone"
DISPLAY_IN=:77 wine wineserver -k || true
kill "$display" 2>/dev/null || true

find "$drive/users/田中　太郎" -name kian.log -exec grep -q 'started version=' {} + || fail "no operation log"

say "no room refuses the upgrade and the old version stays whole"
msi /i 'Z:\lab\newer.msi' /qn /norestart KIANBYTES=99000000000000
refused '空き容量が足りません'
draft

say "upgrade keeps what was set"
touch "$program/app/only-old.txt"
msi /i 'Z:\lab\newer.msi' /qn /norestart
[ "$code" -eq 0 ] || fail "upgrade ended with $code"
[ "$(value ModelDir)" = 'D:\models' ] && [ "$(value ShelfDir)" = '\\fileserver\kian\shelf' ] || fail "properties were lost"
[ "$(value AutoStart)" = 1 ] || fail "AUTOSTART was lost"
cmp "$root/lab/policy.toml" "$drive/ProgramData/Kian/policy.toml" || fail "the policy was lost"
draft

say "a new value on the command line wins over the remembered one"
msi /i 'Z:\lab\newer.msi' /qn /norestart REINSTALL=ALL REINSTALLMODE=omus 'MODELDIR=E:\other'
[ "$code" -eq 0 ] && [ "$(value ModelDir)" = 'E:\other' ] || fail "MODELDIR is $(value ModelDir) (exit $code)"

say "downgrade is refused and the newer version stays whole"
msi /i 'Z:\lab\kian.msi' /qn /norestart
[ "$code" -ne 0 ] || fail "the downgrade was not refused"
draft

say "removal leaves nothing but what IT placed and what staff wrote"
msi /x 'Z:\lab\newer.msi' /qn /norestart
[ "$code" -eq 0 ] || fail "removal ended with $code"
rm -f "$program/app/only-old.txt" && rmdir -p "$program/app" 2>/dev/null || true
[ -z "$(find "$program" -type f 2>/dev/null)" ] || fail "files are left: $(find "$program" -type f | head -3)"
wine wine reg query 'HKLM\Software\Kian' /v ModelDir >/dev/null 2>&1 && fail "registry values are left"
! find "$drive" -name '起案.lnk' | grep -q . || fail "the Start menu entry is left"
[ -f "$drive/ProgramData/Kian/policy.toml" ] || fail "the policy is IT's and must stay"
find "$drive/users/田中　太郎" -name drafts.sqlite3 | grep -q . || fail "the person's drafts must stay"
say "package-test-windows: 合格（Wine 10。実機の Windows での確認は別に必要です）"
