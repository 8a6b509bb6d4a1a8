#!/usr/bin/env bats
# contrib/examples: each is read by who it is for, where that is installed, and names minirun.
# shellcheck disable=SC2016 # the shell inside expands it

load lib/expect

setup() {
	examples=$srcdir/contrib/examples
}

@test "containers.conf is TOML, and Podman finds the runtime by it" {
	command -v podman >/dev/null || skip "no podman"
	sed "s,\"/usr/local/bin/minirun\",\"$MINIRUN\"," "$examples/containers.conf" \
		>"$BATS_TEST_TMPDIR/containers.conf"
	# It makes a directory for each controller of v1 that the host has not, where it can.
	run env CONTAINERS_CONF="$BATS_TEST_TMPDIR/containers.conf" unshare --mount sh -c \
		'mount -o remount,bind,ro /sys/fs/cgroup && exec "$@"' sh podman \
		--root "$BATS_TEST_TMPDIR/root" --runroot "$BATS_TEST_TMPDIR/runroot" \
		--tmpdir "$BATS_TEST_TMPDIR/tmp" --storage-driver vfs info --format '{{.Host.OCIRuntime.Name}} {{.Host.CgroupManager}}'
	expect_status 0
	expect_text 'minirun cgroupfs'
}

@test "config.toml: containerd takes the runtime over" {
	command -v containerd >/dev/null || skip "no containerd"
	run containerd --config "$examples/config.toml" config dump
	expect_status 0
	expect_text 'runtimes.minirun.options]' 'BinaryName = "/usr/local/bin/minirun"'
}

@test "daemon.json names a runtime and makes it the default" {
	run jq -r '.runtimes[."default-runtime"].path' "$examples/daemon.json"
	expect_status 0
	expect_output /usr/local/bin/minirun
}
