#!/bin/sh
# Checks the parts beside this script, joins and unpacks them: sh join.sh [FOLDER]; amend4j-job appears in FOLDER, by default
# beside the parts. Needs tar and gzip, and sha256sum, shasum, openssl or python3.
set -eu

fail() {
  echo "join.sh: $1" >&2
  exit 2
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
mkdir -p -- "${1:-$here}"
target=$(CDPATH='' cd -- "${1:-$here}" && pwd -P)
[ ! -e "$target/amend4j-job" ] || fail "$target/amend4j-job exists already."
command -v tar > /dev/null || fail "tar is not on the PATH."
command -v gzip > /dev/null || fail "gzip is not on the PATH."
if command -v sha256sum > /dev/null; then
  sum() { sha256sum "$1" | cut -d ' ' -f 1; }
elif command -v shasum > /dev/null; then
  sum() { shasum -a 256 "$1" | cut -d ' ' -f 1; }
elif command -v openssl > /dev/null; then
  sum() { openssl dgst -sha256 -r "$1" | cut -d ' ' -f 1; }
elif command -v python3 > /dev/null; then
  sum() { python3 -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())' "$1"; }
else
  fail "none of sha256sum, shasum, openssl and python3 is on the PATH."
fi

# check FOLDER: every file in its SHA256SUMS, whose names are in order and have no spaces
check() {
  wrong=0
  while read -r expected file; do
    if [ ! -f "$1/$file" ]; then
      echo "$file: MISSING" >&2
      wrong=1
    elif [ "$(sum "$1/$file")" != "$expected" ]; then
      echo "$file: FAILED" >&2
      wrong=1
    fi
  done < "$1/SHA256SUMS"
  return $wrong
}

[ -f "$here/SHA256SUMS" ] || fail "SHA256SUMS is not beside this script."
check "$here" || fail "a part is missing or damaged, see above: carry it again."

work=$target/.amend4j-job.$$
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
mkdir "$work"
while read -r expected file; do
  cat "$here/$file"
done < "$here/SHA256SUMS" | gzip -dc | (cd "$work" && tar xf -) || fail "the archive does not unpack."
[ -f "$work/amend4j-job/SHA256SUMS" ] || fail "the archive does not unpack."
check "$work/amend4j-job" || fail "the archive does not unpack."
chmod +x "$work/amend4j-job/run.sh"
mv "$work/amend4j-job" "$target/amend4j-job"
echo "Unpacked. Next: sh '$target/amend4j-job/run.sh' doctor"
