# layer.bash - tars, made by another writer (tests/lib/tar.py), as layers, beside a directory
# that they must not reach. Loaded behind bundle.bash.

: "${MINIRUN_LIBEXEC:?run the tests by tests/run}" "${srcdir:?}"

setup() {
	bundle_setup
	T=$BATS_TEST_TMPDIR
	SCRATCH=$T/scratch STORE=$T/store TAR=$T/layer.tar
	mkdir "$T/outside"
	echo precious >"$T/outside/file"
}

teardown() {
	expect_file "$T/outside/file" precious
	expect_equal "$(ls -A "$T/outside")" file
	bundle_teardown
}

tar_py() {
	"$srcdir/tests/lib/tar.py" "$@"
}

make_tar() { # reads the program
	tar_py make "$TAR"
}

unpack() {
	"$MINIRUN_LIBEXEC/minirun-image" layer --scratch "$SCRATCH" --store "$STORE" "$TAR"
}

# Names, types and what else is asked for, of the layer.
expect_layer() { # reads the lines
	local layer
	layer=$(unpack)
	expect_equal "$layer" "$STORE/sha256/$(sha256sum "$TAR" | cut -d' ' -f1)"
	tar_py tree "$layer" >"$T/tree"
	diff - "$T/tree"
	expect_absent "$SCRATCH"
}

expect_refused() { # TEXT...
	local STORE=$T/empty-store
	run unpack
	expect_status 1
	expect_one_line
	expect_text "$@"
	expect_no_layer
}

expect_no_layer() {
	expect_equal "$(find "$STORE/sha256" "$SCRATCH" -mindepth 1 2>/dev/null)" ""
}

# The hash that the listings have.
hash_of() { # TEXT
	printf %s "$1" | sha256sum | cut -c1-16
}
