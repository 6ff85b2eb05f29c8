# Sourced by the stages that compile for systems whose standard library is not here: from then on, cargo and rustc are
# those of a toolchain of the same version with the library's source in it, and take `-Zbuild-std`.
#
# The source is Debian's package rust-src of exactly this version, from trixie-backports; signed by Debian's keyring and
# fetched with lists of its own, so that the machine's are left alone.

# shellcheck source=tests/debian.sh
source "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

# A copy of the toolchain, of hard links where that is possible, with the source. It is put in its place whole.
make_toolchain() {
    local toolchain=$1 release=$2 work apt version
    work=$(mktemp -d "${toolchain%/*}/new.XXXXXX")
    apt="$work/apt"
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(debian) trixie-backports main" >"$apt/sources.list"
    local own=(-o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o Dir::State::Lists="$apt/lists" -o Dir::Cache="$apt/cache" -o APT::Sandbox::User=)
    apt-get "${own[@]}" update -qq
    version=$(apt-cache "${own[@]}" madison rust-src | awk '{ print $3 }' | grep -m 1 "^$release+")
    (cd "$work" && apt-get "${own[@]}" download -qq "rust-src=$version")
    dpkg --extract "$work"/rust-src_*.deb "$work/source"
    local sysroot
    sysroot=$(rustc --print sysroot)
    cp -al "$sysroot" "$work/toolchain" 2>/dev/null || { rm -rf "$work/toolchain"; cp -a "$sysroot" "$work/toolchain"; }
    mkdir -p "$work/toolchain/lib/rustlib/src"
    rm -rf "$work/toolchain/lib/rustlib/src/rust"
    mv "$work/source/usr/src/rustc-$release" "$work/toolchain/lib/rustlib/src/rust"
    mv "$work/toolchain" "$toolchain"
    rm -rf "$work"
}

# The toolchain's own cargo and rustc, past rustup.
use_toolchain_with_source() {
    local release toolchain
    release=$(rustc --version --verbose | sed -n 's/^release: //p')
    toolchain="$SHIKAKU_CACHE/toolchain/$release"
    mkdir -p "$SHIKAKU_CACHE/toolchain"
    [[ -d $toolchain ]] || make_toolchain "$toolchain" "$release"
    export PATH="$toolchain/bin:$PATH" RUSTC_BOOTSTRAP=1
}
