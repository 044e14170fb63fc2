#!/bin/sh
# Tries and measures this machine: sh run.sh doctor | tests | bench | card [OPTIONS]; see README.txt beside this.
#   AMEND4J_JAVA_HOME  a Java 17 or newer to take instead of the one packed here
#   AMEND4J_JAVA_OPTS  options for the JVM, e.g. -Xmx16g
#   OMP_WAIT_POLICY    left alone if set; PASSIVE otherwise (spinning OpenMP threads slow ND4J down 2 to 3 times)
#   LD_LIBRARY_PATH    where CUDA's libraries are, if neither in Python's packages nor in the usual folders
set -eu

fail() {
  echo "amend4j: $1" >&2
  exit 2
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
system=$(uname -s)-$(uname -m)
[ "$system" = Linux-x86_64 ] || fail "this archive is for Linux-x86_64, this machine is $system."
if [ -n "${AMEND4J_JAVA_HOME:-}" ]; then
  java=$AMEND4J_JAVA_HOME/bin/java
  [ -x "$java" ] || fail "AMEND4J_JAVA_HOME has no bin/java: $AMEND4J_JAVA_HOME."
else
  java=$here/java/bin/java
fi
said=$("$java" -XshowSettings:properties -version 2>&1) || fail "the Java of this archive does not start here: $(echo "$said" \
  | head -n 1) AMEND4J_JAVA_HOME may name another one."
version=$(echo "$said" | sed -n 's/^ *java.specification.version = //p')
case $version in
  '' | 1.* | [1-9] | 1[0-6]) fail "Java 17 or newer is needed, $java is version ${version:-unknown}." ;;
esac

OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-PASSIVE}
export OMP_WAIT_POLICY
if [ -t 2 ]; then terminal=true; else terminal=false; fi
# This Java only starts others, so that whatever happens to them is written down.
exec "$java" -Xmx256m "-Damend4j.kit=$here" "-Damend4j.terminal=$terminal" -cp "$here/lib/*" \
  org.amend4j.app.portable.KitMain "$@"
