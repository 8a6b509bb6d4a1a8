#!/usr/bin/env bats
# Processes of the runtime that a container can see: nothing can be taken from them
# (CVE-2016-9962), and their program cannot be written (CVE-2019-5736). tests/security/racer looks
# without end at what each process that it sees leaves open: its executable, environment, memory,
# root and descriptors.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq
# shellcheck disable=SC2030,SC2031 # a test is a subshell

load ../lib/bundle
load ../lib/racer

setup() {
	bundle_setup
	FOUND=$BATS_TEST_TMPDIR/found
	MARKER=$BATS_TEST_TMPDIR/marker
	export SECRET_OF_THE_HOST=word-$RUN
	touch "$MARKER"
}

teardown() {
	stop_racers
	bundle_teardown
}

with_user='.linux.namespaces += [{ type: "user" }] |
	.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
	.linux.gidMappings = .linux.uidMappings'

# A container that watches, with what its bundle says otherwise; returns when it does.
start_watcher() {
	expect_racer || return
	cp "$RACER" "$BUNDLE/rootfs/bin/racer"
	mkdir -p "$BUNDLE/rootfs/end" "$BUNDLE/rootfs/pipes"
	edit_config '.mounts += [{ destination: "/end", type: "bind", source: $source, options: ["bind"] }]' \
		--arg source "$BATS_TEST_TMPDIR"
	start_idle
	minirun exec --detach "$ID" racer watch "$(stat -Lc %i "$MINIRUN")" "$SECRET_OF_THE_HOST" \
		"$MARKER" /end/end </dev/null >"$FOUND" 2>&1 3>&-
}

stop_watcher() {
	touch "$END"
	stop_idle
}

# The racer's own eyes: without this a test could pass because it is blind.
expect_eyes() {
	SECRET_OF_THE_HOST=$SECRET_OF_THE_HOST tail -f /dev/null 3>&- 9<"$MARKER" &
	local victim=$!
	until tr '\0' '\n' <"/proc/$victim/environ" | grep -q "$SECRET_OF_THE_HOST"; do :; done
	"$RACER" watch "$(stat -Lc %i "$(command -v tail)")" "$SECRET_OF_THE_HOST" "$MARKER" "$END" \
		>"$BATS_TEST_TMPDIR/eyes" </dev/null 3>&- &
	RACING+=($!)
	until [[ $(wc -l <"$BATS_TEST_TMPDIR/eyes") -ge 5 ]]; do :; done
	kill "$victim"
	stop_racers
}

# What makes the last moments before execve(2) long: a search for the program in many places,
# when the process has the container's user and capabilities already.
long_path() {
	printf '/nowhere%.0s:' {1..1000}
	echo /bin
}

@test "the racer sees what is open to it" {
	expect_racer
	expect_eyes
}

# Fails when clone_straight() does not clear the dumpable flag: executable, environment,
# memory, root and descriptors are found.
@test "an exec shows the container nothing of the host" {
	make_plain_bundle '.process.capabilities |= with_entries(.value += ["CAP_DAC_OVERRIDE"])'
	start_watcher
	exec_often 500 --env "PATH=$(long_path)" "$ID" true
	stop_watcher
	expect_file "$FOUND" ""
}

# Fails when become_inner_root() leaves the process dumpable.
@test "an exec into a user namespace shows it nothing either" {
	make_plain_bundle "$with_user"
	start_watcher
	exec_often 500 --env "PATH=$(long_path)" "$ID" true
	stop_watcher
	expect_file "$FOUND" ""
}

# A second container in the namespaces of the first waits for its start: so long it is ours.
create_beside() { # [FILTER]
	local pid bundle=$BUNDLE
	pid=$(minirun state "$ID" | jq .pid)
	BUNDLE=$BATS_TEST_TMPDIR/beside
	cp -a "$bundle" "$BUNDLE"
	edit_config '(.linux.namespaces[] | select(.type == "pid")).path = $pid | .process.args = ["true"]' \
		--arg pid "/proc/$pid/ns/pid"
	[[ $# -eq 0 ]] || edit_config "$1" --arg user "/proc/$pid/ns/user"
	minirun create --bundle "$BUNDLE" "$RUN-b" </dev/null >/dev/null 2>&1
	BUNDLE=$bundle
}

# Until the racer has read two hundred files more: many looks at the few processes there are.
watch_on() {
	local before
	before=$(files_read)
	until [[ $(files_read) -gt $((before + 200)) ]]; do :; done
}

files_read() {
	awk '$1 == "syscr:" { print $2 }' "/proc/$WATCHER/io"
}

find_watcher() {
	WATCHER=$(pgrep -f "^racer watch .* $MARKER /end/end\$")
}

# Fails when clone_straight() does not clear the dumpable flag.
@test "what waits for its start in another's pid namespace is closed to that" {
	make_plain_bundle
	start_watcher
	find_watcher
	create_beside
	watch_on
	minirun delete --force "$RUN-b"
	stop_watcher
	expect_file "$FOUND" ""
}

# Fails when become_inner_root() leaves the process dumpable.
@test "what waits in another's pid and user namespace is closed to its root" {
	make_plain_bundle "$with_user | .process.capabilities |= with_entries(.value += [\"CAP_SYS_PTRACE\"])"
	start_watcher
	find_watcher
	create_beside '(.linux.namespaces[] | select(.type == "user")).path = $user'
	watch_on
	minirun delete --force "$RUN-b"
	stop_watcher
	expect_file "$FOUND" ""
}

# The process that keeps a new user namespace is root's child in the host's view of files, and
# root of the parent owns that namespace: user_namespaces(7) gives it all capabilities there.
# Fails when clone_holder() makes it dumpable for root too: executable, environment and root.
@test "user namespaces that are made are no way out for a container that sees the host's processes" {
	local container
	make_plain_bundle 'del(.linux.namespaces[] | select(.type == "pid")) | .process.capabilities = {}'
	start_watcher
	container=$BUNDLE
	BUNDLE=$BATS_TEST_TMPDIR/other
	make_plain_bundle "$lean | $with_user"
	ID=$RUN-c run_often 500
	BUNDLE=$container
	stop_watcher
	expect_file "$FOUND" ""
}

# As in the first exploit: the container's shell is whoever executes it, and the racer keeps what that
# is, to write to it when nobody executes it. Fails when seal_program() and seal_before_libc() return
# at once.
@test "a container that makes an exec execute the runtime cannot write to that" {
	make_plain_bundle
	expect_racer
	cp "$RACER" "$BUNDLE/rootfs/bin/racer"
	printf '#!/proc/self/exe\n' >"$BUNDLE/rootfs/bin/trap"
	chmod 755 "$BUNDLE/rootfs/bin/trap"
	sha256sum "$MINIRUN" >"$BATS_TEST_TMPDIR/sum"
	start_idle
	minirun exec --detach "$ID" racer write "$(stat -Lc %i "$MINIRUN")" /tmp/end </dev/null >"$FOUND" 2>&1 3>&-
	run exec_often 500 "$ID" /bin/trap
	expect_status 123 # each has failed
	touch "$BUNDLE/rootfs/tmp/end"
	stop_idle
	expect_file "$FOUND" "executable: held"
	sha256sum --check --quiet "$BATS_TEST_TMPDIR/sum"
}
