#!/bin/bash -eu
# Builds every target for OSS-Fuzz and ClusterFuzzLite, inside their image: $OUT receives each
# program, its seeds, its dictionary and its options. fuzz/oss-fuzz/test runs this without the image.
cd "$SRC/patchcord"
built=${CARGO_TARGET_DIR:-$PWD/fuzz/target}

# The corpus is unpacked by a program without a sanitizer and without a fuzzer's main.
corpus() {
    env -u RUSTFLAGS -u CFLAGS -u CXXFLAGS CARGO_TARGET_DIR="$WORK/corpus" \
        cargo run --quiet --locked --release --manifest-path fuzz/Cargo.toml --example corpus -- "$@"
}

options=()
case $SANITIZER in
    address) options=(--sanitizer address) ;;
    # Every byte has to come from code that the sanitizer knows, including the standard library.
    memory) options=(--sanitizer memory --build-std) ;;
    *) options=(--sanitizer none) ;;
esac
# debug-assertions: without them, a property whose arithmetic overflows would not fail.
cargo fuzz build --fuzz-dir fuzz --release --debug-assertions "${options[@]}"

. fuzz/dictionary
corpus unpack "$WORK/seeds"
for target in $(corpus targets); do
    cp "$built/x86_64-unknown-linux-gnu/release/$target" "$OUT/"
    rm -f "$OUT/${target}_seed_corpus.zip"
    (cd "$WORK/seeds/$target" && zip -q -r "$OUT/${target}_seed_corpus.zip" .)
    file=$(dictionary "$target")
    [ -z "$file" ] || cp "fuzz/$file" "$OUT/$target.dict"
    # As in fuzz/run: max_len is the length of the longest seed.
    printf '[libfuzzer]\nmax_len = 4096\ntimeout = 10\nrss_limit_mb = 2048\n' >"$OUT/$target.options"
done
