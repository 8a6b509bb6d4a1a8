#!/usr/bin/env bats
# The program that enters a container cannot be written through it (CVE-2019-5736).
# shellcheck disable=SC2016

load ../lib/bundle

pid_of() {
	minirun state "$ID" | jq .pid
}

@test "the file behind a waiting container cannot be written" {
	local pid
	make_plain_bundle '.process.args = ["true"]'
	sha256sum "$MINIRUN" >"$BATS_TEST_TMPDIR/sum"
	minirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	pid=$(pid_of)

	# While it is executed nobody can; what counts is a descriptor kept until it is not.
	exec 9<"/proc/$pid/exe"
	run bash -c "exec 8>/proc/$pid/exe"
	expect_status 1
	# busybox takes the path as it is, where mount(8) would follow the link's text.
	run busybox mount -o remount,bind,rw none "/proc/$pid/exe"
	[[ $status -ne 0 ]]
	expect_text "Invalid argument"
	touch "$BATS_TEST_TMPDIR/target"
	run busybox mount -o bind "/proc/$pid/exe" "$BATS_TEST_TMPDIR/target"
	[[ $status -ne 0 ]]
	expect_text "Invalid argument"

	minirun start "$ID"
	wait_end "$pid"
	run bash -c 'exec 8>/proc/self/fd/9'
	exec 9<&-
	expect_status 1
	expect_text "Read-only file system"
	sha256sum --check --quiet "$BATS_TEST_TMPDIR/sum"
}

@test "a program that executes its own process again gets no writable runtime" {
	make_plain_bundle
	sha256sum "$MINIRUN" >"$BATS_TEST_TMPDIR/sum"
	# As in the first exploit: the container's shell is a link to whoever executes it.
	printf '#!/proc/self/exe\n' >"$BUNDLE/rootfs/bin/trap"
	chmod 755 "$BUNDLE/rootfs/bin/trap"
	start_idle
	minirun exec --detach "$ID" sh -c 'for i in $(seq 2000); do
		for exe in /proc/[0-9]*/exe; do
			case $(readlink $exe) in */busybox) ;; *)
				( exec 9<$exe; for j in $(seq 50); do
					: 2>/dev/null >/proc/self/fd/9 && echo written >/tmp/written
				done ) 2>/dev/null ;;
			esac
		done; [ -e /tmp/end ] && exit; done' </dev/null >/dev/null 2>&1
	for _ in {1..20}; do
		run minirun exec "$ID" /bin/trap
		[[ $status -ne 0 ]]
	done
	minirun exec "$ID" touch /tmp/end
	expect_absent "$BUNDLE/rootfs/tmp/written"
	sha256sum --check --quiet "$BATS_TEST_TMPDIR/sum"
	stop_idle
}

@test "the seal leaves arguments and environment as they were" {
	make_plain_bundle
	run run_script 'tr "\0" "\n" </proc/1/environ'
	expect_status 0
	expect_no_text MINIRUN_SEALED
	# The name of the program stays "minirun" for ps(1).
	minirun create --bundle "$BUNDLE" "$RUN-b" </dev/null >/dev/null 2>&1
	expect_equal "$(cat "/proc/$(minirun state "$RUN-b" | jq .pid)/comm")" minirun
}

@test "a marker of somebody else does not stand for a seal" {
	make_plain_bundle
	export MINIRUN_SEALED=1
	run run_script 'true'
	expect_status 1
	expect_one_line
	expect_text "cannot seal"
}
