# large.bash - a bundle as of make_bundle, with a tree that is larger than all buffers of a
# commit: who reads slowly holds it up. Loaded after bundle.bash.
# shellcheck disable=SC2016 # the variable is jq's

make_large_bundle() {
	mkdir "$BATS_TEST_TMPDIR/large"
	truncate -s 64M "$BATS_TEST_TMPDIR/large/large"
	make_bundle '.root.overlay.lower += [$large]' --arg large "$BATS_TEST_TMPDIR/large"
}
