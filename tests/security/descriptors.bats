#!/usr/bin/env bats
# Images and processes that mean harm: nothing of theirs reaches the host.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq

load ../lib/bundle

# CVE-2024-21626. Fails when step_descriptors() closes nothing.
@test "no descriptor of the runtime leads a program or a directory to the host" {
	local number lean='.linux.namespaces = [{ type: "pid" }, { type: "mount" }] | del(.hostname)'
	make_plain_bundle "$lean"' | .process.cwd = "/proc/self/fd/NUMBER" | .process.args = ["true"]'
	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/cwd"
	edit_config '.process.cwd = "/" | .process.args = ["/proc/self/fd/NUMBER/../bin/busybox"]'
	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/args"
	for number in {0..40}; do
		sed "s/NUMBER/$number/" "$BATS_TEST_TMPDIR/cwd" >"$BUNDLE/config.json"
		run minirun --cgroup-manager disabled run --bundle "$BUNDLE" "$ID" </dev/null
		expect_status 1
		expect_text "process.cwd"
		sed "s/NUMBER/$number/" "$BATS_TEST_TMPDIR/args" >"$BUNDLE/config.json"
		run minirun --cgroup-manager disabled run --bundle "$BUNDLE" "$ID" </dev/null
		expect_status 1
		expect_text "exec: "
	done
}

# CVE-2024-21626. Fails when step_descriptors() closes nothing.
@test "exec has no descriptor that leads to the host either" {
	local number
	make_plain_bundle
	start_idle
	for number in {0..40}; do
		run minirun exec --cwd "/proc/self/fd/$number" "$ID" true </dev/null
		[[ $status -ne 0 ]]
		run minirun exec "$ID" "/proc/self/fd/$number/../bin/busybox" </dev/null
		[[ $status -ne 0 ]]
	done
	stop_idle
}

# CVE-2024-21626. Fails when change_directory() does not ask getcwd(2).
@test "a directory of the host as standard input is no working directory" {
	make_plain_bundle '.process.cwd = "/proc/self/fd/0" | .process.args = ["true"]'
	run minirun run --bundle "$BUNDLE" "$ID" <"$BATS_TEST_TMPDIR"
	expect_status 1
	expect_text "is outside of the container"
}

@test "creating and deleting one id at the same time leaves nothing" {
	make_plain_bundle '.process.args = ["true"]'
	for _ in {1..30}; do
		minirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 &
		minirun delete --force "$ID"
		minirun delete --force "$ID"
		wait
		minirun delete --force "$ID"
	done
}

@test "a container that forks without end is deleted" {
	requires "no pids controller in this view" has_controller pids
	make_plain_bundle '.linux.resources.pids = { limit: 200 } | .mounts += [
		{ destination: "/pipes", type: "bind", source: $source, options: ["bind"] }] |
		.process.args = ["sh", "-c", "echo up >/pipes/up; busybox yes | busybox xargs -n 1 -P 50 true"]' \
		--arg source "$BATS_TEST_TMPDIR"
	mkfifo "$BATS_TEST_TMPDIR/up"
	minirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1
	wait_line "$BATS_TEST_TMPDIR/up"
	expect_equal "$(state_of "$ID")" running
	minirun delete --force "$ID"
}

# CVE-2024-21626. Descriptors of the runtime must not stand where the caller left a number free. Fails when
# close_ours() closes nothing.
@test "a closed standard stream leads nowhere on the host" {
	make_plain_bundle '.process.args = ["/entry"]'
	printf '#!/bin/sh\necho escaped >%s\n' "$BATS_TEST_TMPDIR/escaped" >"$BATS_TEST_TMPDIR/host"
	chmod +x "$BATS_TEST_TMPDIR/host"
	ln -s "/proc/self/fd/0/../host" "$BUNDLE/rootfs/entry"
	run sh -c '"$@" <&-' sh timeout 20 "$MINIRUN" --root "$ROOT" --data-root "$DATA" run \
		--bundle "$BUNDLE" "$ID"
	expect_status 1
	ln -sf "/proc/self/fd/3/../host" "$BUNDLE/rootfs/entry"
	run timeout 20 "$MINIRUN" --root "$ROOT" --data-root "$DATA" run --preserve-fds 20 \
		--bundle "$BUNDLE" "$ID" 3>&-
	expect_status 1
}

@test "a long name of the pid file is not another's" {
	make_bundle '.process.args = ["true"]'
	local long
	long=$BATS_TEST_TMPDIR/$(printf 'p%.0s' {1..120})
	minirun run --bundle "$BUNDLE" --pid-file "$long" "$ID"
	[[ -s $long ]]
	expect_equal "$(find "$BATS_TEST_TMPDIR" -maxdepth 1 -name 'p*' ! -name pipes | wc -l)" 1
}

# CVE-2025-52565. Fails when open_place() follows links.
@test "a planted /dev/console is no way into /proc" {
	requires "script is not installed" command -v script
	make_plain_bundle 'del(.mounts[] | select(.destination | startswith("/dev"))) |
		.mounts += [{ destination: "/dev/pts", type: "devpts", source: "devpts" }] |
		.process.args = ["true"]'
	mkdir -p "$BUNDLE/rootfs/dev"
	ln -s /proc/sys/kernel/core_pattern "$BUNDLE/rootfs/dev/console"
	run script -qec "'$MINIRUN' --root '$ROOT' --data-root '$DATA' run -t --bundle '$BUNDLE' $ID" \
		/dev/null
	expect_status 1
	expect_text "'/dev/console' in the root is a link"
}

# Fails when text_put_printable() leaves bytes as they are.
@test "what a name holds is no command to the terminal" {
	run minirun state $'a\x1b[31mb\nc'
	expect_status 1
	expect_one_line
	expect_text 'a\x1b[31mb\x0ac'
}
