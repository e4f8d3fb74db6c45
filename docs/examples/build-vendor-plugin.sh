#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds docs/examples/vendor-plugin as its vendor would, against the SPI of this checkout: a Maven run of its own that
# gets dev.stasis:spi from a repository. The jar is docs/examples/vendor-plugin/target/acme-file-saver-*.jar.
#
#   build-vendor-plugin.sh [LOCAL-REPOSITORY]
#
# spi must have been compiled. Does nothing if the jar is newer than all it is made from.
#
# The SPI is not installed into the user's local repository: other checkouts on this machine have their own. The
# nested run gets a throw-away local repository that consists of links to the real one, plus this SPI.
set -euo pipefail
shopt -s nullglob

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
project=$root/docs/examples/vendor-plugin
classes=$root/spi/target/classes
local_repository=${1:-$HOME/.m2/repository}
mvn=${MVN:-mvn}

if [ ! -d "$classes/dev/stasis/spi" ]; then
    echo "$0: spi is not compiled; run 'mvn -pl spi compile' first" >&2
    exit 1
fi

mkdir -p "$project/target"
exec 9> "$project/target/build.lock"
flock 9

# The reports belong to the result: ./test counts them, and removes old ones first.
stamp=$project/target/built
if [ -f "$stamp" ] && [ -d "$project/target/surefire-reports" ] && [ -n "$(echo "$project"/target/acme-file-saver-*.jar)" ] &&
    [ -z "$(find "$classes" "$project/src" "$project/pom.xml" "$root/pom.xml" "$root/spi/pom.xml" "$0" \
        -newer "$stamp" -print -quit)" ]; then
    exit 0
fi
rm -f "$stamp" "$project"/target/acme-file-saver-*.jar

repository=$project/target/repository
rm -rf "$repository"
mkdir -p "$repository/dev/stasis" "$local_repository"
for group in "$local_repository"/*; do
    [ "$(basename "$group")" = dev ] || ln -s "$group" "$repository/"
done
for group in "$local_repository"/dev/*; do
    [ "$(basename "$group")" = stasis ] || ln -s "$group" "$repository/dev/"
done

version=$(sed -n 's|.*<version>\(.*\)</version>.*|\1|p' "$root/spi/pom.xml" | head -n 1)
spi=$repository/dev/stasis/spi/$version
parent=$repository/dev/stasis/stasis/$version
mkdir -p "$spi" "$parent"
cp "$root/spi/pom.xml" "$spi/spi-$version.pom"
cp "$root/pom.xml" "$parent/stasis-$version.pom"
"${JAVA_HOME:+$JAVA_HOME/bin/}jar" --create --file "$spi/spi-$version.jar" -C "$classes" .

cd "$project"
"$mvn" -q -B -Dmaven.repo.local="$repository" -Dstasis.version="$version" package
touch "$stamp"
