#!/bin/sh
# Builds the Windows payload, the MSI and the trial zip. Usage: build.sh [python3.11]
set -eu
cd "$(dirname "$0")/../.."
missing=""
for tool in x86_64-w64-mingw32-gcc-posix wixl msibuild faketime; do
    command -v "$tool" >/dev/null || missing="$missing $tool"
done
if [ -n "$missing" ]; then
    echo "Windows 版は作られませんでした。足りない道具：$missing" >&2
    echo "  sudo apt-get install -y g++-mingw-w64-x86-64-posix wixl msitools faketime" >&2
    exit 77
fi
python=$("${1:-python3.11}" installer/packaging_environment.py | tail -1)
"$python" installer/windows/layout.py ${KIAN_PYTHON_ZIP:+--python-zip "$KIAN_PYTHON_ZIP" --python-sha256 "${KIAN_PYTHON_SHA256:-}"}
"$python" installer/msi/build.py
