#!/bin/sh
# Checks the parts beside this script, joins and unpacks them: sh join.sh [FOLDER]; amend4j-job appears in FOLDER, by default
# beside the parts. Needs sha256sum or shasum, and the JDK's jar or unzip.
set -eu

fail() {
  echo "join.sh: $1" >&2
  exit 2
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
mkdir -p -- "${1:-$here}"
target=$(CDPATH='' cd -- "${1:-$here}" && pwd -P)
[ ! -e "$target/amend4j-job" ] || fail "$target/amend4j-job exists already."
if command -v sha256sum > /dev/null; then
  check() { sha256sum -c "$1"; }
elif command -v shasum > /dev/null; then
  check() { shasum -a 256 -c "$1"; }
else
  fail "neither sha256sum nor shasum is on the PATH."
fi
if [ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/jar" ]; then
  unpack() { "$JAVA_HOME/bin/jar" xf "$1"; }
elif command -v jar > /dev/null; then
  unpack() { jar xf "$1"; }
elif command -v unzip > /dev/null; then
  unpack() { unzip -q "$1"; }
else
  fail "neither a JDK's jar nor unzip is on the PATH."
fi

cd "$here"
[ -f SHA256SUMS ] || fail "SHA256SUMS is not beside this script."
check SHA256SUMS >&2 || fail "a part is missing or damaged, see above."

work=$target/.amend4j-job.$$
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mkdir "$work"
# The names in SHA256SUMS are in order, and have no spaces.
for part in $(sed 's/^[^ ]*  //' SHA256SUMS); do
  cat "$part"
done > "$work/job.zip"
(cd "$work" && unpack job.zip && cd amend4j-job && check SHA256SUMS > /dev/null) || fail "the archive does not unpack."
chmod +x "$work/amend4j-job/run.sh"
mv "$work/amend4j-job" "$target/amend4j-job"
echo "Unpacked. Next: sh '$target/amend4j-job/run.sh'"
