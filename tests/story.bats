#!/usr/bin/env bats
# The story: what a person does with minirun, from a tar to an image of their own. The same
# seven things are what contrib/try shows.
# shellcheck disable=SC2016 # what is in single quotes is for the container's shell

load lib/bundle

setup() {
	bundle_setup
	BUNDLES=$BATS_TEST_TMPDIR/bundles
}

enter_bundle() { # NAME
	"${srcdir:?}/bundles/make" "$BUNDLES" "$1"
	cd "$BUNDLES/$1" || return
}

# Everything of a tree that can be told: names, types, modes, owners, times, links, contents.
tree() { # DIRECTORY
	(cd "$1" && find . -printf '%p %y %m %U %G %T@ %l\n' | sort &&
		find . -type f -print0 | sort -z | xargs -0 sha256sum)
}

# A container that waits for a line in the fifo /tmp/go, once it has done COMMANDS.
run_waiting() { # ID COMMANDS [OPTION...]
	local id=$1 commands=$2
	shift 2
	mkdir -p "$BATS_TEST_TMPDIR/signs"
	[[ -p $BATS_TEST_TMPDIR/signs/up ]] || mkfifo "$BATS_TEST_TMPDIR/signs/up"
	minirun run --detach "$@" --volume "$BATS_TEST_TMPDIR/signs:/signs" "$id" -- \
		sh -c "$commands; mkfifo /tmp/go; echo up >/signs/up; read line </tmp/go" \
		</dev/null >"$BATS_TEST_TMPDIR/$id.log" 2>&1
	wait_line "$BATS_TEST_TMPDIR/signs/up"
}

@test "1. a tar becomes a lower layer by itself, and the shell's / is the container's alone" {
	enter_bundle busybox
	run minirun run "$ID" <<<'hostname; echo pid $$; ps -o pid= | wc -l; cat /proc/self/mountinfo'
	expect_status 0
	expect_text busybox "pid 1"
	# One overlay as /, what the bundle mounts and nothing of the host.
	expect_match ' / / [^ ]* [^-]*- overlay '
	expect_no_text " $BATS_TEST_TMPDIR" "oldroot" " /run/" " /var/"
	expect_equal "$(grep -c ' / / ' <<<"$output")" 1
	expect_equal "$(cat /proc/sys/kernel/hostname)" "$(hostname)"
}

@test "2. a change is in the upper and nowhere else, a deleted file is a whiteout" {
	enter_bundle layers
	run minirun run "$ID" <<<'cat /etc/motd'
	store=("$DATA"/layers/sha256/*)
	tree "${store[0]}" >"$BATS_TEST_TMPDIR/before"
	tree layers/app >"$BATS_TEST_TMPDIR/before-app"

	run minirun run "$ID" <<<'echo new >/root/new.txt; echo changed >>/etc/passwd; rm /opt/app'
	expect_status 0
	expect_file upper/root/new.txt new
	expect_equal "$(tail -n 1 upper/etc/passwd)" changed
	expect_equal "$(stat -c '%F %t:%T' upper/opt/app)" "character special file 0:0"
	expect_equal "$(cd upper && find . ! -type d | sort | tr '\n' ' ')" \
		"./etc/passwd ./opt/app ./root/new.txt "
	tree "${store[0]}" | diff "$BATS_TEST_TMPDIR/before" -
	tree layers/app | diff "$BATS_TEST_TMPDIR/before-app" -
}

@test "2. with four image layers each file comes from its layer" {
	enter_bundle layers
	run minirun run "$ID" <<<'cat /etc/layer /etc/motd /etc/group /opt/app; ls /opt'
	expect_status 0
	expect_output $'settings\nfrom settings\nroot:x:0:\napp\napp\nsettings'
}

@test "3. two containers from one bundle do not see each other" {
	enter_bundle busybox
	run_waiting "$ID" 'echo first >/tmp/who'
	run_waiting "$ID-two" 'ls /tmp; echo second >/tmp/who'
	expect_equal "$(minirun exec "$ID" cat /tmp/who)" first
	expect_equal "$(minirun exec "$ID-two" cat /tmp/who)" second
	expect_file "$BATS_TEST_TMPDIR/$ID-two.log" ""
	# One tar, unpacked once.
	expect_equal "$(find "$DATA/layers/sha256" -mindepth 1 -maxdepth 1 | wc -l)" 1
}

@test "4. a volume's destination is made, files appear on both sides and survive delete" {
	enter_bundle volume
	run minirun run --keep "$ID" <<<'cat /data/host.txt; echo hello >/data/inside.txt'
	expect_status 0
	expect_output "from the host"
	minirun delete "$ID"
	expect_file data/inside.txt hello
	expect_file data/host.txt "from the host"
}

@test "4. a read-only volume refuses writes" {
	enter_bundle volume
	run minirun run "$ID" <<<'echo red >/srv/settings/colour'
	expect_text "Read-only file system"
	expect_file settings/colour colour=blue
}

@test "4. deleting never touches the source, not even when a mount failed half-way" {
	enter_bundle volume
	tree data >"$BATS_TEST_TMPDIR/before"
	jq '.mounts += [{ destination: "/proc/no/such", type: "bind", source: "settings",
		options: ["rbind"] }]' config.json >new && mv new config.json
	run minirun run "$ID" <<<'true'
	expect_status 1
	expect_one_line
	expect_text /proc/no/such
	minirun delete --force "$ID"
	tree data | diff "$BATS_TEST_TMPDIR/before" -
}

@test "5. commit a running container, and its tar is the image of the next" {
	enter_bundle busybox
	run_waiting "$ID" 'echo hello >/tmp/hello.txt'
	LC_ALL=C minirun commit "$ID" myimage.tar
	expect_equal "$(state_of "$ID")" running
	run tar -tf myimage.tar
	expect_no_text "tar:" # no complaint, whatever the locale was
	expect_match $'(^|\n)\./tmp/hello\.txt($|\n)'
	run minirun run --lower myimage.tar "$ID-next" <<<'cat /tmp/hello.txt'
	expect_status 0
	expect_output hello
}

@test "6. delete leaves no mount, no cgroup, no directory and no process" {
	enter_bundle busybox
	run_waiting "$ID" 'true'
	pid=$(minirun state "$ID" | jq .pid)
	[[ -e /proc/$pid ]]
	minirun delete --force "$ID"
	run minirun state "$ID"
	expect_status 1
	expect_text "does not exist"
	expect_clean
}

@test "6. an upper that the user named stays" {
	enter_bundle layers
	run minirun run "$ID" <<<'echo kept >/root/kept.txt'
	expect_status 0
	run minirun list --quiet
	expect_output ""
	expect_file upper/root/kept.txt kept
}

@test "7. an upper where none can be is one sentence that says what to do" {
	enter_bundle layers
	mount -t ramfs ramfs upper
	mkdir upper/upper upper/work
	jq '.root.overlay += { upper: "upper/upper", work: "upper/work" }' config.json >new &&
		mv new config.json
	run minirun run "$ID" <<<'true'
	umount upper
	expect_status 1
	expect_one_line
	expect_match '^minirun: config.json:[0-9]+:[0-9]+: root\.overlay\.upper: '
	expect_text "is on ramfs" "give an upper on ext4"
}
