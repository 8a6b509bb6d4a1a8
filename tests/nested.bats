#!/usr/bin/env bats
# minirun inside a container, as the root of its user namespace.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq

load lib/bundle

# The outer container: ids 0 to 65535 are those from 100000 on, nothing of /proc is masked,
# since the kernel gives a new procfs only to who sees all of one. In it: minirun, an image
# and a configuration of what spec writes, changed by the filter.
make_outer() { # SPEC_OPTION FILTER
	make_bundle '.linux.namespaces |= map(select(.type != "cgroup")) + [{ type: "user" }, { type: "cgroup" }] |
		.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
		.linux.gidMappings = .linux.uidMappings | .linux.maskedPaths = [] | .linux.readonlyPaths = [] |
		.process.noNewPrivileges = false |
		.process.capabilities |= with_entries(.value = ["CAP_SYS_ADMIN", "CAP_SETUID", "CAP_SETGID",
			"CAP_SETPCAP", "CAP_SETFCAP", "CAP_SYS_CHROOT", "CAP_NET_ADMIN", "CAP_DAC_OVERRIDE", "CAP_CHOWN",
			"CAP_KILL", "CAP_AUDIT_WRITE", "CAP_NET_BIND_SERVICE", "CAP_FOWNER"])'
	cp -a "$IMAGE" "$BATS_TEST_TMPDIR/outer"
	mkdir -p "$BATS_TEST_TMPDIR/outer/inner"
	cp "$MINIRUN" "$BATS_TEST_TMPDIR/outer/bin/minirun"
	cp -a "$IMAGE" "$BATS_TEST_TMPDIR/outer/inner/rootfs"
	# shellcheck disable=SC2086 # no option is none
	"$MINIRUN" spec $1 --bundle "$BATS_TEST_TMPDIR/outer/inner"
	jq ".process.terminal = false | .root.readonly = false | $2" "$BATS_TEST_TMPDIR/outer/inner/config.json" \
		>"$BATS_TEST_TMPDIR/config.json"
	cp "$BATS_TEST_TMPDIR/config.json" "$BATS_TEST_TMPDIR/outer/inner/config.json"
	edit_config '.root.overlay.lower = [$outer]' --arg outer "$BATS_TEST_TMPDIR/outer"
}

run_inner() {
	requires "the program needs libraries that the image has not" \
		sh -c '! readelf -l "$1" | grep -q INTERP' sh "$MINIRUN"
	run run_script 'minirun run --bundle /inner one; echo status $?; minirun list --quiet; ls /run/minirun'
}

@test "a container inside of a container" {
	make_outer "" '.process.args = ["sh", "-c", "id -u; hostname; echo x >/dev/null && stat -c %t:%T /dev/null; echo $$"]'
	run_inner
	expect_status 0
	expect_output $'0\nrunc\n1:3\n1\nstatus 0'
}

@test "and a user namespace inside of a user namespace" {
	make_outer --rootless '.process.args = ["sh", "-c", "id -u; cat /proc/self/uid_map"]'
	run_inner
	expect_status 0
	expect_match '0 +0 +1'
	expect_text "status 0"
}

@test "limits need a cgroup that is the outer root's" {
	make_outer "" '.linux.resources.pids.limit = 5 | .process.args = ["true"]'
	run_inner
	expect_text "linux.resources.pids: no cgroup is the caller's to set limits in" "status 1"
}
