#!/usr/bin/env bats
# Every bundle of bundles/, as its README says it is used.
# shellcheck disable=SC2153 # of bundle.bash

load lib/bundle

setup() {
	bundle_setup
	BUNDLES=$BATS_TEST_TMPDIR/bundles
}

# Makes a bundle and stands in it.
enter_bundle() { # NAME
	"${srcdir:?}/bundles/make" "$BUNDLES" "$1"
	cd "$BUNDLES/$1" || return
}

# Lines typed into the shell of a fresh container.
type_lines() { # LINE...
	printf '%s\n' "$@" | minirun run "$ID"
}

@test "busybox: a tar is the whole image, and its mount points are made" {
	enter_bundle busybox
	run type_lines 'hostname' 'echo pid $$' 'cat /etc/motd' 'ls /dev/null /dev/pts/ptmx' \
		'cat /proc/self/status | grep CapEff'
	expect_status 0
	expect_text busybox "pid 1" "from the image" /dev/null /dev/pts/ptmx 0000000000000420
}

@test "volume: both directions, and read-only where it says so" {
	enter_bundle volume
	run type_lines 'cat /data/host.txt /srv/settings/colour' 'echo hello >/data/from-inside' \
		'echo red >/srv/settings/colour || echo refused'
	expect_status 0
	expect_text "from the host" "colour=blue" "Read-only file system" refused
	expect_file data/from-inside hello
	expect_file settings/colour colour=blue
}

@test "layers: each file comes from its layer, and changes go to upper alone" {
	enter_bundle layers
	run type_lines 'cat /etc/layer /etc/motd' 'ls /opt' 'echo new >/etc/motd' 'rm /opt/app'
	expect_status 0
	expect_output $'settings\nfrom settings\napp\nsettings'
	expect_equal "$(cd upper && find . ! -type d | sort | tr '\n' ' ')" "./etc/motd ./opt/app "
	expect_file upper/etc/motd new
	expect_equal "$(stat -c '%F %t:%T' upper/opt/app)" "character special file 0:0"
	expect_file layers/settings/etc/motd "from settings"
}

@test "limits: memory, processes, devices and rlimits hold" {
	enter_bundle limits
	requires "the memory controller is not in this view" has_controller memory
	jq --arg path "/$ID-limits" '.linux.cgroupsPath = $path' config.json >new && mv new config.json
	run type_lines 'ulimit -n' 'cat /proc/self/oom_score_adj' 'ls -l /dev/fuse' \
		'echo >/dev/null && echo null' \
		'find /sys/fs/cgroup -name memory.max -o -name memory.limit_in_bytes | xargs cat' \
		'find /sys/fs/cgroup -name pids.max | xargs cat' 'grep Cpus_allowed_list /proc/self/status'
	expect_status 0
	expect_text 64 500 "crw-rw-rw-" "10, 229" null
	expect_match $'(^|\n)33554432($|\n)'
	expect_match $'(^|\n)16($|\n)'
	expect_match $'Cpus_allowed_list:\t0($|\n)'
}

@test "terminal: a pseudo-terminal of the container's own, of the caller's size" {
	requires "script is not installed" command -v script
	enter_bundle terminal
	export ROOT DATA
	run script --quiet --return /dev/null --command "stty rows 31 cols 97
		'$MINIRUN' --root '$ROOT' --data-root '$DATA' run '$ID'" <<<$'tty; stty size; exit 7\n'
	expect_status 7
	expect_text /dev/pts/0 "31 97"
}

@test "plain: a directory is the root, an ordinary user cannot change it" {
	enter_bundle plain
	run type_lines 'id' 'umask' 'touch /tmp/x || echo refused' 'grep CapBnd /proc/self/status'
	expect_status 0
	expect_text "uid=1000 gid=1000 groups=5" 0027 "Read-only file system" refused \
		"CapBnd:	0000000000000000"
}

@test "join: the second container is in the first one's namespaces" {
	enter_bundle join
	minirun run --detach --bundle first "$ID" </dev/null >first.log 2>&1
	ln -s "/proc/$(minirun state "$ID" | jq .pid)/ns" namespaces
	for name in pid net ipc uts; do
		sed -i "s,/run/join/$name,$PWD/namespaces/$name," second/config.json
	done
	# shellcheck disable=SC2016
	run minirun run --bundle second "$ID-second" <<<'hostname; [ $$ -gt 1 ] && echo not the first
		ls -l /proc/1/ns/net /proc/self/ns/net | sed "s/.*-> //" | sort -u | wc -l
		echo >/proc/1/root/tmp/end'
	expect_status 0
	expect_output $'first\nnot the first\n1'
	minirun delete --force "$ID"
}

@test "what has no bundle's name is refused by bundles/make" {
	run "${srcdir:?}/bundles/make" "$BUNDLES" nothing
	expect_status 1
	expect_text "no bundle 'nothing'"
}

@test "another file than config.json is written, checked and run" {
	make_plain_bundle '.process.args = ["echo", "here"]'
	mv "$BUNDLE/config.json" "$BUNDLE/other.json"
	run minirun spec --bundle "$BUNDLE" --file other.json
	expect_status 1
	expect_text "file other.json exists in '$BUNDLE'"
	minirun spec --bundle "$BUNDLE" --file new.json
	[ -s "$BUNDLE/new.json" ]
	run minirun check --config other.json "$BUNDLE"
	expect_status 0
	run minirun --rootless auto run --bundle "$BUNDLE" --config other.json "$ID"
	expect_status 0
	expect_output here
	run minirun create --no-subreaper --bundle "$BUNDLE" --config absent.json "$ID"
	expect_status 1
	expect_text "absent.json"
}
