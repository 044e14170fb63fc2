#!/bin/sh
# What has to run on a real card before anything is claimed of it, in this order: correctness, then numbers.
#   cuda/on-a-card.sh [FOLDER]     results go to FOLDER (default: cuda/target/card)
# Needs Maven, a JDK 17, a driver and CUDA 13's libraries; nvcc and a C++ compiler add their tests. On a bare machine, where there are
# only Python and CUDA's libraries: ./amend4j package-job, and run its run.sh there, which does the same.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
out=${1:-$root/cuda/target/card}
mkdir -p -- "$out"
out=$(CDPATH='' cd -- "$out" && pwd -P)
cd "$root"

say() { printf '\n== %s\n' "$1"; }

say "what is there"
./amend4j doctor --json > "$out/doctor.json"

say "a first look, without Java"
if python3 -c 'import numpy' 2> /dev/null; then
  python3 cuda/card.py --json "$out/card.json"
else
  echo "python3 with numpy is not on the PATH: left out"
fi

say "every kernel, product, copy and recording against its reference, on the card"
mvn -B -Pexhaustive -pl cuda -am test -Damend4j.device=cuda -Dsurefire.failIfNoSpecifiedTests=false \
  -Dtest='*KernelsTest,GemmTest,RecordingTest,NvccTest,Device*Test,LayerNormObjectiveTest'

say "the laws of objectives, descent and adapters, on the CPU, the emulated device and the card"
mvn -B -Pexhaustive test -Dsurefire.failIfNoSpecifiedTests=false -Dtest='*ContractTest'

for precision in fp32 tf32 bf16; do
  say "numbers, $precision"
  ./amend4j bench --device cuda --precision "$precision" --json "$out/bench-$precision.json"
done
say "the same on this machine's processor"
./amend4j bench --device cpu --json "$out/bench-cpu.json"

say "done: $out"
