#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes the distribution: package.sh JAVA_HOME MODULE_DIR JAR
#   JAVA_HOME   the JDK that builds; its trimmed copy becomes the distribution's runtime, if it can be trimmed
#   MODULE_DIR  the directory of the Maven module; its target/libraries holds the libraries
#   JAR         the jar of the command line
set -eu

java_home=$1
module=$2
jar=$3
source=$module/src/main
libraries=$module/target/libraries
home=$module/target/stasis
lib=$home/lib
root=$module/..

# The order of the class path is the order of the search: what a dump needs stands first.
FIRST='stasis spi kernel picocli slf4j-api slf4j-jdk14 protobuf-java jnr-ffi jffi'
# Annotations for compilers, which nothing needs at run time; the archive of all native libraries, which are unpacked.
LEFT_OUT='checker-qual error_prone_annotations j2objc-annotations jsr305 listenablefuture'

JAVA_PROPERTIES='-Djnr.ffi.asm.enabled=false -Dguice_bytecode_gen_option=DISABLED'
JAVA_PROPERTIES="$JAVA_PROPERTIES -Dslf4j.provider=org.slf4j.jul.JULServiceProvider -Dslf4j.internal.verbosity=WARN"
JAVA_PROPERTIES="$JAVA_PROPERTIES -Djava.util.logging.manager=dev.stasis.cli.log.QuietLogManager"
JAVA_OPTIONS='-Xmx120m -Xms40m -Xmn24m -XX:+UseSerialGC -XX:-UsePerfData -Xlog:disable -Xlog:all=error:stderr'
CDS_OPTIONS='-XX:TieredStopAtLevel=1'
AOT_OPTIONS=''

say() {
    echo "stasis: $*"
}

java_version() {
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

copy_libraries() {
    rm -rf "$lib"
    mkdir -p "$lib/native"
    cp "$jar" "$lib/stasis.jar"
    for library in "$libraries"/*.jar; do
        name=${library##*/}
        case " $LEFT_OUT " in
            *" ${name%%-[0-9]*} "*) continue ;;
        esac
        case $name in
            jffi-*-native.jar) (cd "$lib/native" && "$java_home/bin/jar" -xf "$library" jni) ;;
            *) cp "$library" "$lib" ;;
        esac
    done
    # jffi looks for the library of this machine's architecture right in the directory that it is told.
    cp "$lib/native/jni/$(uname -m)-Linux/"*.so "$lib/native"
    rm -rf "$lib/native/jni"
}

class_path() {
    path=
    for name in $FIRST; do
        for file in "$lib/$name.jar" "$lib/$name"-[0-9]*.jar; do
            [ -f "$file" ] && path="$path:\$lib/${file##*/}"
        done
    done
    for file in "$lib"/*.jar; do
        case "$path:" in
            *"/${file##*/}:"*) ;;
            *) path="$path:\$lib/${file##*/}" ;;
        esac
    done
    echo "${path#:}"
}

make_runtime() {
    version=$(java_version "$java_home")
    modules=$(grep -v '^#' "$source/packaging/modules.txt" | tr '\n' ',')
    if ! "$java_home/bin/jlink" --add-modules "${modules%,}" --no-header-files --no-man-pages \
        --output "$home/runtime" > "$home/jlink.log" 2>&1; then
        say "jlink cannot make a runtime from $java_home; the system's Java will be used"
        rm -rf "$home/runtime"
        return
    fi
    rm "$home/jlink.log"
    # The default archive: for this runtime's own classes, if the one with ours does not fit.
    "$home/runtime/bin/java" -XX:+UseSerialGC -Xshare:dump > /dev/null 2>&1 || true
}

install_files() {
    mkdir -p "$home/bin" "$home/conf"
    sed -e "s|@CLASSPATH@|$(class_path)|" \
        -e "s|@RUNTIME_VERSION@|$(java_version "$java_home")|" \
        -e "s|@JAVA_PROPERTIES@|$JAVA_PROPERTIES|" \
        -e "s|@JAVA_OPTIONS@|$JAVA_OPTIONS|" \
        -e "s|@CDS_OPTIONS@|$CDS_OPTIONS|" \
        -e "s|@AOT_OPTIONS@|$AOT_OPTIONS|" \
        "$source/dist/bin/stasis" > "$home/bin/stasis"
    chmod 755 "$home/bin/stasis"
    cp "$source/packaging/archive.sh" "$lib/archive.sh"
    cp "$source/packaging/training.txt" "$lib/training.txt"
    chmod 755 "$lib/archive.sh"
    cp "$source/resources/reference.conf" "$home/conf/reference.conf"
    cp "$root/LICENSE" "$home/LICENSE"
}

fingerprint() {
    cat "$jar" "$libraries"/*.jar "$source/dist/bin/stasis" "$source/packaging/"* "$java_home/release" | cksum
    echo "$home"
}

stamp=$module/target/stasis.stamp
if [ -x "$home/bin/stasis" ] && [ "$(fingerprint)" = "$(cat "$stamp" 2> /dev/null)" ]; then
    exit 0
fi
rm -rf "$home" "$stamp"
mkdir -p "$home"
copy_libraries
make_runtime
install_files
"$lib/archive.sh" || say "no class-data archive could be made; the start takes longer"
fingerprint > "$stamp"
