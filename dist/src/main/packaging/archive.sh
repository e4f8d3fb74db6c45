#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes the archive of class data that halves the start, by running the commands of training.txt. Run it again after
# the distribution was moved or copied: the JVM refuses an archive whose jars lie or date otherwise.
set -eu

lib=$(cd "$(dirname "$0")" && pwd -P)
home=${lib%/lib}
stasis=$home/bin/stasis
work=$(mktemp -d)
pids=

clean_up() {
    for file in "$work"/*/restored.pid; do
        [ -f "$file" ] && pids="$pids $(cat "$file")"
    done
    for pid in $pids; do
        kill -9 "$pid" 2> /dev/null || true
    done
    rm -rf "$work"
}
trap clean_up EXIT

rm -f "$lib/stasis.jsa" "$lib/stasis.aot" "$lib/archive.of"
mkdir "$work/images"
sed "s|@DIR@|$work/images|" "$lib/training.txt" > "$work/training"
for subject in 1 2 3 4; do
    setsid sleep 300 < /dev/null > /dev/null 2>&1 &
    pids="$pids $!"
    sed -i "s|@SUBJECT$subject@|$!|" "$work/training"
done

# Runs the launcher with further options for the JVM. A class among them takes the place of the command line's own.
launch() {
    # A JVM that crashes leaves its report where it stands.
    cd "$work"
    STASIS_JAVA_OPTS="$*" timeout 300 "$stasis" > "$work/output" 2> "$work/errors"
}

training="dev.stasis.cli.TrainingRun $work/training"
if launch "-XX:AOTCacheOutput=$lib/stasis.aot $training"; then
    # From Java 25 on.
    version=$(head -n 1 "$work/output")
elif launch "-Xshare:off -XX:DumpLoadedClassList=$work/classes $training"; then
    version=$(head -n 1 "$work/output")
    # Java 17 crashes on lambdas whose type is an interface in a class file older than Java 6, as picocli's are.
    grep -v '^@lambda-proxy .*picocli/' "$work/classes" > "$work/archivable"
    launch "-Xshare:dump -XX:SharedClassListFile=$work/archivable -XX:SharedArchiveFile=$lib/stasis.jsa" || true
    if [ ! -f "$lib/stasis.jsa" ]; then
        tail -n 20 "$work/output" "$work/errors" >&2
        exit 1
    fi
else
    cat "$work/errors" >&2
    exit 1
fi
echo "$version $home" > "$lib/archive.of"
