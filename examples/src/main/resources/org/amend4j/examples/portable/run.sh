#!/bin/sh
# Measures this machine: sh run.sh [OPTIONS OF amend4j bench]; without any, --device cuda --json result.json
#   AMEND4J_JAVA_OPTS  options for the JVM, e.g. -Xmx16g
#   OMP_WAIT_POLICY    left alone if set; PASSIVE otherwise (spinning OpenMP threads slow ND4J down 2 to 3 times)
#   LD_LIBRARY_PATH    where the CUDA libraries are, if not in the usual folders
set -eu

fail() {
  echo "amend4j: $1" >&2
  exit 2
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
system=$(uname -s)-$(uname -m)
[ "$system" = Linux-x86_64 ] || fail "this archive is for Linux-x86_64, this machine is $system."
if [ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/java" ]; then
  java=$JAVA_HOME/bin/java
else
  java=$(command -v java) || fail "Java is not on the PATH and JAVA_HOME is not set; a JDK 17 or newer is needed."
fi
version=$("$java" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java.specification.version = //p')
case $version in
  '' | 1.* | [1-9] | 1[0-6]) fail "a JDK 17 or newer is needed, $java is version ${version:-unknown}." ;;
esac

OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-PASSIVE}
export OMP_WAIT_POLICY
[ $# -gt 0 ] || set -- --device cuda --json result.json
if [ -t 2 ]; then terminal=true; else terminal=false; fi
# shellcheck disable=SC2086 # the options are words
exec "$java" -Djava.awt.headless=true "-Damend4j.terminal=$terminal" ${AMEND4J_JAVA_OPTS:-} \
  -cp "$here/lib/*" org.amend4j.examples.cli.Amend4j bench "$@"
