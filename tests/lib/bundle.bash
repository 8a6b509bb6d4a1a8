# bundle.bash - a container to test with, and the machine as it was.
#
# A test file loads this and, unless it has its own, gets setup() and teardown() from it:
# state and data roots of the test's own, an image from busybox made once per file, and
# after each test the machine compared with before. tests/run gives the file a mount and a
# pid namespace, so what is mounted or running there is the test's.

: "${MINIRUN:?run the tests by tests/run}" "${srcdir:?}"

# shellcheck source=tests/lib/expect.bash
source "${BASH_SOURCE%/*}/expect.bash"

setup() {
	bundle_setup
}

teardown() {
	bundle_teardown
}

# Sets ROOT, DATA, BUNDLE and ID for this test. ID is not used by any other test or run.
bundle_setup() {
	ROOT=$BATS_TEST_TMPDIR/root DATA=$BATS_TEST_TMPDIR/data BUNDLE=$BATS_TEST_TMPDIR/bundle
	RUN=test-$(cut -c1-8 /proc/sys/kernel/random/uuid)-$BATS_TEST_NUMBER
	ID=$RUN-a
	IMAGE=$BATS_FILE_TMPDIR/bundles/plain/rootfs
	export ROOT DATA BUNDLE ID RUN IMAGE
	[[ -e $BATS_FILE_TMPDIR/bundles/plain ]] ||
		"$srcdir/bundles/make" "$BATS_FILE_TMPDIR/bundles" plain
	machine >"$BATS_TEST_TMPDIR/machine"
}

# Deletes what the test left running on purpose, then wants the machine back.
bundle_teardown() {
	local id status=0
	[[ ! -d $ROOT ]] || for id in $(minirun list --quiet); do
		minirun delete --force "$id" || status=1
	done
	expect_clean || status=1
	return "$status"
}

minirun() {
	"$MINIRUN" --root "$ROOT" --data-root "$DATA" "$@"
}

# A bundle in $BUNDLE: what spec writes, without a terminal, the image as the only lower
# layer; then changed by a jq filter, if one is given (with more arguments for jq).
make_bundle() { # [FILTER [JQ ARGUMENT...]]
	mkdir -p "$BUNDLE/rootfs"
	[[ -e $BUNDLE/config.json ]] || minirun spec --bundle "$BUNDLE"
	# shellcheck disable=SC2016 # the variables are jq's
	edit_config '.process.terminal = false | .root.readonly = false |
		.root.overlay = { lower: [$image] }' --arg image "$IMAGE"
	[[ $# -eq 0 ]] || edit_config "$@"
}

# The same without an overlay: the root is a copy of the image, and it is written to.
make_plain_bundle() { # [FILTER [JQ ARGUMENT...]]
	make_bundle 'del(.root.overlay)'
	rmdir "$BUNDLE/rootfs"
	cp -a "$IMAGE" "$BUNDLE/rootfs"
	[[ $# -eq 0 ]] || edit_config "$@"
}

edit_config() { # FILTER [JQ ARGUMENT...]
	local filter=$1
	shift
	jq "$@" "$filter" "$BUNDLE/config.json" >"$BUNDLE/config.json.new" &&
		mv "$BUNDLE/config.json.new" "$BUNDLE/config.json"
}

# Runs a shell script in a fresh container of $BUNDLE to its end.
run_script() { # SCRIPT
	# shellcheck disable=SC2016
	edit_config '.process.args = ["sh", "-c", $script]' --arg script "$1"
	minirun run --bundle "$BUNDLE" "$ID"
}

# A container of $BUNDLE that runs in the background until `stop_idle`, or is deleted: its
# process reads from a fifo. Returns when the process is there, not before.
start_idle() { # [ID]
	mkdir -p "$BATS_TEST_TMPDIR/pipes"
	[[ -p $BATS_TEST_TMPDIR/pipes/up ]] || mkfifo -m 666 "$BATS_TEST_TMPDIR"/pipes/{up,down}
	# shellcheck disable=SC2016
	edit_config '.mounts |= map(select(.destination != "/pipes")) |
		.mounts += [{ destination: "/pipes", type: "bind", source: $source,
			options: ["bind"] }] |
		.process.args = ["sh", "-c", "echo up >/pipes/up; read line </pipes/down"]' \
		--arg source "$BATS_TEST_TMPDIR/pipes"
	minirun run --detach --bundle "$BUNDLE" "${1:-$ID}" </dev/null >"$BATS_TEST_TMPDIR/idle.log" 2>&1 ||
		{ cat "$BATS_TEST_TMPDIR/idle.log"; return 1; }
	wait_line "$BATS_TEST_TMPDIR/pipes/up"
}

stop_idle() {
	echo end >"$BATS_TEST_TMPDIR/pipes/down"
}

# A line from a fifo; fails when none comes within a minute.
wait_line() { # FIFO
	local line
	read -r -t 60 line <>"$1" && printf '%s\n' "$line"
}

# Waits until a process has ended, a minute at most.
wait_end() { # PID
	timeout 60 tail --pid="$1" --follow /dev/null
}

state_of() { # ID
	minirun state "$1" | jq -r .status
}

# What a container could leave behind: mounts, cgroups of this run, processes, directories.
machine() {
	echo "mounts:"
	cut -d' ' -f4,5,9- /proc/self/mountinfo | sort
	echo "cgroups:"
	find /sys/fs/cgroup -mindepth 1 -type d -path "*$RUN*" | sort
	echo "processes:"
	processes
	echo "directories:"
	find "$ROOT" "$DATA/containers" -mindepth 1 \
		-not -path "$ROOT/.seccomp*" 2>/dev/null | sort
	claims
}

# The links by which containers of this test hold an upper.
claims() {
	find /run/minirun-uppers -type l -lname "$BATS_TEST_TMPDIR/*" 2>/dev/null | sort
}

# Every process of this pid namespace but the shells that the tests are.
processes() {
	local directory name status
	for directory in /proc/[0-9]*; do
		name='' status=''
		{ read -r name <"$directory/comm" && read -r status <"$directory/stat"; } 2>/dev/null ||
			continue
		[[ $name == bash || ${status##*) } == Z* ]] || echo "${directory#/proc/} $name"
	done
}

expect_clean() {
	machine >"$BATS_TEST_TMPDIR/machine.now"
	diff "$BATS_TEST_TMPDIR/machine" "$BATS_TEST_TMPDIR/machine.now" ||
		{ echo "the machine is not as before"; return 1; }
}
