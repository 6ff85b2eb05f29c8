# Sourced by what compiles for phones without NDK and Xcode: a toolchain with the standard library's source, and a
# compiler for the C of the libraries.

# shellcheck source=tests/toolchain.sh
source "$(dirname "${BASH_SOURCE[0]}")/toolchain.sh"
use_toolchain_with_source

# ring's C needs no libc: a compiler that knows the target is enough, and for Apple's one header with nothing but names.
stubs="$SHIKAKU_CACHE/phones/include"
mkdir -p "$stubs" "$SHIKAKU_CACHE/phones/sdk"
printf '#define %s\n' 'TARGET_OS_MAC 1' 'TARGET_OS_IPHONE 1' 'TARGET_OS_OSX 0' 'TARGET_OS_SIMULATOR 0' \
    >"$stubs/TargetConditionals.h"

# The Rust target, and the oldest system that is served, as clang calls it.
phones=(
    aarch64-linux-android=aarch64-linux-android28
    armv7-linux-androideabi=armv7a-linux-androideabi28
    x86_64-linux-android=x86_64-linux-android28
    aarch64-apple-ios=arm64-apple-ios15
)
export AR=ar SDKROOT="$SHIKAKU_CACHE/phones/sdk" IPHONEOS_DEPLOYMENT_TARGET=15.0
for phone in "${phones[@]}"; do
    target=${phone%=*}
    export "CC_${target//-/_}=clang-16"
    export "CFLAGS_${target//-/_}=--target=${phone#*=} -ffreestanding -nostdlibinc -isystem $stubs -DRING_CORE_NOSTDLIBINC"
done
