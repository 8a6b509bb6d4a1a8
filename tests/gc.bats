#!/usr/bin/env bats
# gc removes what nobody will delete, and nothing that somebody may need.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # what is in single quotes is jq's; a test is a subshell

load lib/bundle
load lib/cgroup

# A container that has ended and was kept. It has changed something.
make_ended() {
	edit_config '.process.args = ["sh", "-c", "mkdir /d; echo changed >/d/file"]'
	minirun run --keep --bundle "$BUNDLE" "$ID"
}

pid_of() { # ID
	minirun state "$1" | jq .pid
}

# Ends the first process of a container from outside.
end_process() { # ID
	local pid
	pid=$(pid_of "$1")
	kill -KILL "$pid"
	wait_end "$pid"
}

# The only directory of the container's own.
directory_of() { # ID
	echo "$DATA/containers/$1"-*
}

gc() { # ARGUMENT...
	run minirun gc "$@"
}

@test "where nothing is, gc says and makes nothing" {
	gc
	expect_status 0
	expect_output ""
	expect_absent "$ROOT" "$DATA"
	gc --format json
	expect_status 0
	expect_output "[]"
	run minirun gc --format xml
	expect_status 1
	expect_text "option '--format': 'xml' is not text or json"
}

living_stays() {
	make_bundle
	start_idle
	minirun create --bundle "$BUNDLE" "$ID-b" </dev/null >/dev/null
	gc --stopped
	expect_status 0
	expect_output ""
	expect_equal "$(state_of "$ID")" running
	expect_equal "$(state_of "$ID-b")" created
	minirun start "$ID-b"
	minirun delete --force "$ID"
	minirun delete --force "$ID-b"
}

@test "what lives stays" {
	in_each_view living_stays
}

ended_is_removed() {
	local directory
	make_bundle
	make_ended
	directory=$(directory_of "$ID")
	gc
	expect_status 0
	expect_output "kept container '$ID': it has ended, 'gc --stopped' removes it"
	gc --dry-run --stopped
	expect_status 0
	expect_output "would remove container '$ID': it has ended; with it cgroup '/$ID', layers '$directory'"
	expect_file "$directory/upper/d/file" changed
	expect_cgroup "/$ID"
	gc --stopped
	expect_status 0
	expect_output "removed container '$ID': it has ended; with it cgroup '/$ID', layers '$directory'"
	expect_absent "$directory" "$ROOT/$ID"
	expect_no_cgroup "/$ID"
}

@test "one that has ended stays for who created it, and goes with --stopped" {
	in_each_view ended_is_removed
}

@test "one whose 'run' was killed goes when it has ended" {
	make_bundle '.process.args = ["sh", "-c", "echo up >/pipes/up; exec tail -f /dev/null"] |
		.mounts += [{ destination: "/pipes", type: "bind", source: $pipes, options: ["bind"] }]' \
		--arg pipes "$BATS_TEST_TMPDIR"
	mkfifo -m 666 "$BATS_TEST_TMPDIR/up"
	"$MINIRUN" --root "$ROOT" --data-root "$DATA" run --bundle "$BUNDLE" "$ID" </dev/null \
		>/dev/null 3>&- &
	wait_line "$BATS_TEST_TMPDIR/up"
	kill -KILL $!
	wait_end $!
	gc
	expect_output ""
	expect_equal "$(state_of "$ID")" running
	end_process "$ID"
	gc
	expect_status 0
	expect_text "removed container '$ID': it has ended; with it cgroup '/$ID', layers "
	expect_one_line
	expect_clean
}

# Runs minirun with a signal at a system call of the launcher, not of its child.
struck_at() { # SIGNAL CALL NUMBER ARGUMENT...
	local signal=$1 call=$2 number=$3
	shift 3
	${VIEW:+"$view" "$VIEW"} strace -D -qq -o /dev/null -e "trace=$call" -e "inject=$call:signal=$signal:when=$number" \
		"$MINIRUN" --root "$ROOT" --data-root "$DATA" "$@" </dev/null >/dev/null 2>&1 3>&-
}

# Wherever it is killed, either it had not begun, or gc finds it.
interrupted_is_removed() {
	local call number reached=0
	make_bundle '.mounts += [{ destination: "/missing/place", type: "tmpfs" }] |
		.root.overlay += { upper: $upper, work: $work }' \
		--arg upper "$BATS_TEST_TMPDIR/upper" --arg work "$BATS_TEST_TMPDIR/work"
	mkdir -p "$BATS_TEST_TMPDIR"/{upper,work}
	for call in mkdirat openat renameat mknodat symlinkat clone3 sendmsg write recvmsg; do
		for number in 1 2 3 5 8 13 21; do
			status=0
			{ struck_at KILL "$call" "$number" "$@" --bundle "$BUNDLE" "$ID"; } 2>/dev/null || status=$?
			[[ $status -eq 137 ]] || break
			reached=$((reached + 1))
			gc --dry-run
			expect_status 0
			[[ -z $output ]] || expect_match "^would remove container '$ID': its creation was interrupted" ||
				return 1
			gc
			expect_status 0
			# An empty ROOT and data root stay, as after each container.
			expect_equal "$(find "$ROOT" "$DATA/containers" -mindepth 1 -not -path "$ROOT/.seccomp*")" "" ||
				fail "killed at $call $number"
			expect_equal "$(claims)" ""
			expect_no_cgroup "/$ID" || fail "killed at $call $number"
		done
		minirun delete --force "$ID"
	done
	[[ $reached -ge 15 ]] || fail "reached $reached points"
	expect_clean
}

@test "a create that was killed leaves nothing" {
	requires "strace is not installed" command -v strace
	in_each_view interrupted_is_removed create
}

# A container that waits for nobody: the process, or what is in its cgroup, goes too.
@test "a container that waits for a killed create is ended" {
	requires "strace is not installed" command -v strace
	local pid
	make_bundle
	run struck_at KILL renameat 4 create --bundle "$BUNDLE" "$ID"
	for number in 1 2 3 4 5 6 7 8; do
		[[ ! -e $ROOT/$ID/start.new || $(jq .pid "$ROOT/$ID/state.json") -eq 0 ]] || break
		minirun delete --force "$ID"
		run struck_at KILL renameat "$number" create --bundle "$BUNDLE" "$ID"
	done
	pid=$(jq .pid "$ROOT/$ID/state.json")
	[[ $pid -gt 0 ]]
	gc
	expect_status 0
	expect_text "removed container '$ID': its creation was interrupted"
	expect_absent "/proc/$pid"
	expect_clean
}

# minirun in the background as $LAUNCHER, stopped at a system call of its own.
stopped_at() { # CALL NUMBER ARGUMENT...
	local line='' call=$1 number=$2
	shift 2
	[[ -p $BATS_TEST_TMPDIR/trace ]] || mkfifo "$BATS_TEST_TMPDIR/trace"
	exec 7<>"$BATS_TEST_TMPDIR/trace"
	strace -D -qq -o "$BATS_TEST_TMPDIR/trace" -e "trace=$call" \
		-e "inject=$call:signal=STOP:when=$number" \
		"$MINIRUN" --root "$ROOT" --data-root "$DATA" "$@" \
		</dev/null >"$BATS_TEST_TMPDIR/launcher.log" 2>&1 3>&- &
	LAUNCHER=$!
	until [[ $line == *"stopped by SIGSTOP"* ]]; do
		read -r -t 60 line <&7 || fail "$(<"$BATS_TEST_TMPDIR/launcher.log")" || return 1
	done
}

launcher_goes_on() {
	kill -CONT "$LAUNCHER"
	wait_end "$LAUNCHER"
	wait "$LAUNCHER" || fail "$(<"$BATS_TEST_TMPDIR/launcher.log")"
}

@test "one that is being created stays" {
	requires "strace is not installed" command -v strace
	make_bundle
	stopped_at mknodat 1 create --bundle "$BUNDLE" "$ID"
	gc --stopped
	expect_status 0
	expect_output "kept container '$ID': another minirun is at work on it"
	launcher_goes_on
	expect_equal "$(state_of "$ID")" created
}

@test "a create whose directory went before it was locked makes another one" {
	requires "strace is not installed" command -v strace
	make_bundle
	mkdir -p "$ROOT"
	stopped_at mkdirat 1 create --bundle "$BUNDLE" "$ID"
	[[ -d $ROOT/$ID ]]
	gc
	expect_output "removed container '$ID': its creation was interrupted"
	launcher_goes_on
	expect_equal "$(state_of "$ID")" created
}

@test "what containers changed goes when their state is lost, as after a reboot" {
	local directory other
	make_bundle
	make_ended
	directory=$(directory_of "$ID")
	other=${directory%-*}-0123456789abcdef
	mkdir "$other"
	rm -r "$ROOT"
	# A cgroup of another run of the tests may go meanwhile, which find(1) takes for a failure.
	find /sys/fs/cgroup -depth -name "$ID" -exec rmdir {} + || true
	gc --dry-run
	expect_status 0
	expect_output "would remove directory '$directory': container '$ID' is gone"
	expect_file "$directory/upper/d/file" changed
	expect_absent "$ROOT"
	gc
	expect_status 0
	expect_output "removed directory '$directory': container '$ID' is gone"
	expect_equal "$(ls -A "$ROOT")" ""
	expect_equal "$(find "$DATA/containers" -mindepth 1)" "$other"
	rmdir "$other"
}

@test "they go too when the id has another container now" {
	make_bundle
	make_ended
	mv "$(directory_of "$ID")" "$BATS_TEST_TMPDIR/kept"
	minirun delete "$ID"
	make_plain_bundle
	start_idle
	mv "$BATS_TEST_TMPDIR/kept" "$DATA/containers/$ID-$(root_hash)"
	gc
	expect_status 0
	expect_output "removed directory '$DATA/containers/$ID-$(root_hash)': container '$ID' is gone"
	expect_equal "$(state_of "$ID")" running
	minirun delete --force "$ID"
}

# As a name in the data root has it.
root_hash() {
	python3 -c 'import sys
h = 0xcbf29ce484222325
for byte in sys.argv[1].encode():
    h = (h ^ byte) * 0x100000001b3 % 2 ** 64
print("%016x" % h)' "$ROOT"
}

@test "claims of containers that are gone are dropped" {
	mkdir "$BATS_TEST_TMPDIR"/{upper,work}
	make_bundle '.root.overlay += { upper: $upper, work: $work }' \
		--arg upper "$BATS_TEST_TMPDIR/upper" --arg work "$BATS_TEST_TMPDIR/work"
	make_ended
	gc
	[[ -n $(claims) ]]
	ln -s "$ROOT/gone" "/run/minirun-uppers/0-$BATS_TEST_NUMBER"
	ln -s "$ROOT/$ID" "/run/minirun-uppers/1-$BATS_TEST_NUMBER"
	gc --dry-run
	expect_status 0
	expect_text "would remove claim '/run/minirun-uppers/0-$BATS_TEST_NUMBER': container '$ROOT/gone' is gone" \
		"would remove claim '/run/minirun-uppers/1-$BATS_TEST_NUMBER'"
	expect_equal "$(claims | wc -l)" 3
	gc
	expect_equal "$(claims | wc -l)" 1
	gc --stopped
	expect_text "claim '/run/minirun-uppers/"
	expect_file "$BATS_TEST_TMPDIR/upper/d/file" changed
	expect_clean
}

@test "a number that another process has now is not taken for the container's" {
	make_bundle
	make_ended
	jq --argjson pid $$ '.pid = $pid' "$ROOT/$ID/state.json" >"$BATS_TEST_TMPDIR/state"
	cp "$BATS_TEST_TMPDIR/state" "$ROOT/$ID/state.json"
	gc --stopped
	expect_status 0
	expect_text "removed container '$ID'"
	expect_no_text process
	kill -0 $$
	expect_clean
}

@test "what is not minirun's stays, and what cannot be read does not keep the rest" {
	make_bundle
	make_ended
	mkdir "$ROOT/empty" "$ROOT/full" "$ROOT/broken"
	chmod 711 "$ROOT/full"
	echo mine >"$ROOT/full/file"
	echo mine >"$ROOT/file"
	echo '{' >"$ROOT/broken/state.json"
	gc --stopped
	expect_status 1
	expect_text "minirun: warning: cannot tell of container 'broken': state.json: " \
		"removed container '$ID'" "minirun: not all could be looked at or removed"
	expect_absent "$ROOT/$ID"
	expect_file "$ROOT/full/file" mine
	expect_file "$ROOT/file" mine
	[[ -d $ROOT/empty && -e $ROOT/broken/state.json ]]
	rm -r "$ROOT"/{empty,full,file,broken}
}

@test "as JSON" {
	make_bundle
	make_ended
	mkdir "$DATA/containers/gone-$(root_hash)"
	gc --format json --stopped
	expect_status 0
	run jq -r '.[] | [.action, .kind, .name, .reason, (.with | length)] | @tsv' <<<"$output"
	expect_output "removed	container	$ID	it has ended	2
removed	directory	$DATA/containers/gone-$(root_hash)	container 'gone' is gone	0"
}

@test "a gc that was killed is gone on with" {
	requires "strace is not installed" command -v strace
	local call number reached=0
	make_bundle
	for call in flock unlinkat mkdirat renameat openat; do
		for number in 1 2 3 4 6 9 13; do
			[[ -d $ROOT/$ID ]] || make_ended
			mkdir -p "$DATA/containers/gone-$(root_hash)/upper/d"
			status=0
			{ struck_at KILL "$call" "$number" gc --stopped; } 2>/dev/null || status=$?
			[[ $status -eq 137 ]] || break
			reached=$((reached + 1))
			gc --stopped
			expect_status 0
			expect_equal "$(find "$ROOT" "$DATA/containers" -mindepth 1 -not -path "$ROOT/.seccomp*")" "" ||
				fail "killed at $call $number"
		done
	done
	[[ $reached -ge 15 ]] || fail "reached $reached points"
	minirun gc --stopped
	expect_clean
}
