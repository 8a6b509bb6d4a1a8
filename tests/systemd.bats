#!/usr/bin/env bats
# --systemd-cgroup: the container's cgroup is a unit of systemd's, with the limits as its
# properties. Where systemd is process 1, as in the machine of tests/vm/run.
# shellcheck disable=SC2016 # what stands in single quotes is for the container or for jq
# shellcheck disable=SC2030,SC2031,SC2154 # status and output are bats', and each test has its own UNIT

load lib/bundle

setup() {
	[[ $BATS_TEST_DESCRIPTION == *"without systemd"* ]] || requires_systemd
	bundle_setup
	UNIT=minirun-$ID.scope
}

# The host's own processes come and go, unlike those of a pid namespace.
processes() { :; }

teardown() {
	[[ -z ${ROOT:-} ]] || bundle_teardown
}

requires_systemd() {
	requires "systemd is not process 1" test "$(cat /proc/1/comm)" = systemd
	requires "there is no bus" test -S /run/dbus/system_bus_socket
	requires "minirun-systemd is not built" test -x "$MINIRUN_LIBEXEC/minirun-systemd"
}

minirun() {
	"$MINIRUN" --root "$ROOT" --data-root "$DATA" --systemd-cgroup "$@"
}

property() { # NAME
	systemctl show --property "$1" --value "$UNIT"
}

# What the file of the container's cgroup has.
file_of() { # FILE
	cat "/sys/fs/cgroup$(property ControlGroup)/$1"
}

expect_no_unit() {
	expect_equal "$(systemctl show --property LoadState,ActiveState --value "$UNIT" | tr '\n' ' ')" \
		"not-found inactive "
}

@test "a container is a scope in system.slice" {
	make_bundle
	start_idle
	expect_equal "$(property ActiveState) $(property Slice) $(property Delegate)" \
		"active system.slice yes"
	expect_equal "$(property ControlGroup)" "/system.slice/$UNIT"
	expect_equal "$(property Description)" "minirun container $ID"
	expect_equal "$(file_of cgroup.procs)" "$(minirun state "$ID" | jq .pid)"
	minirun delete --force "$ID"
	expect_no_unit
	expect_absent "/sys/fs/cgroup/system.slice/$UNIT"
}

@test "a container that ends by itself leaves no unit" {
	make_bundle
	run run_script 'cat /proc/self/cgroup; exit 3'
	expect_status 3
	expect_output "0::/"
	expect_no_unit
}

@test "limits are the unit's properties, and in the files" {
	make_bundle '.linux.resources += { memory: { limit: 67108864, swap: 134217728, reservation: 33554432 },
		cpu: { shares: 2048, quota: 12345, period: 100000, cpus: "0" }, pids: { limit: 1 } }'
	start_idle
	expect_equal "$(property MemoryMax) $(property MemoryLow) $(property MemorySwapMax)" \
		"67108864 33554432 67108864"
	expect_equal "$(property CPUWeight) $(property CPUQuotaPerSecUSec) $(property CPUQuotaPeriodUSec)" \
		"174 130ms 100ms"
	expect_equal "$(property AllowedCPUs) $(property TasksMax)" "0 1"
	expect_equal "$(file_of memory.max) $(file_of memory.low) $(file_of memory.swap.max)" \
		"67108864 33554432 67108864"
	expect_equal "$(file_of cpu.weight) $(file_of cpu.max) $(file_of cpuset.cpus) $(file_of pids.max)" \
		"174 12345 100000 0 1"
	systemctl daemon-reload
	expect_equal "$(file_of memory.max) $(file_of pids.max)" "67108864 1"
}

@test "who takes more memory than there is, is killed, and no unit is left" {
	make_bundle '.linux.resources += { memory: { limit: 16777216, swap: 16777216 } }'
	run run_script 'x=a; while :; do x=$x$x; done'
	expect_status 137
	expect_no_unit
}

@test "update changes the unit and the files" {
	make_bundle '.linux.resources += { memory: { limit: 67108864 } }'
	start_idle
	"$MINIRUN" --root "$ROOT" update --memory 33554432 --pids-limit 20 --cpu-share 512 "$ID"
	expect_equal "$(property MemoryMax) $(property TasksMax)" "33554432 20"
	expect_equal "$(file_of memory.max) $(file_of pids.max)" "33554432 20"
	expect_equal "$(property CPUWeight)" "$(file_of cpu.weight)"
	run "$MINIRUN" --root "$ROOT" update --resources - "$ID" <<<'{ "memory": { "limit": 4096, "checkBeforeUpdate": true } }'
	expect_status 1
	expect_text "bytes that are used now"
	expect_equal "$(property MemoryMax) $(state_of "$ID")" "33554432 running"
}

@test "exec, ps, pause and kill --all find it without being told of systemd" {
	make_bundle
	start_idle
	run "$MINIRUN" --root "$ROOT" exec "$ID" cat /proc/self/cgroup
	expect_output "0::/"
	"$MINIRUN" --root "$ROOT" exec --detach "$ID" sleep 1000 </dev/null >/dev/null
	expect_equal "$("$MINIRUN" --root "$ROOT" ps --format json "$ID" | jq length)" 2
	"$MINIRUN" --root "$ROOT" pause "$ID"
	expect_equal "$(state_of "$ID") $(file_of cgroup.freeze)" "paused 1"
	"$MINIRUN" --root "$ROOT" resume "$ID"
	"$MINIRUN" --root "$ROOT" kill --all "$ID" KILL
	"$MINIRUN" --root "$ROOT" delete --force "$ID"
	expect_no_unit
}

@test "slice:prefix:name" {
	make_bundle '.linux.cgroupsPath = "\($run)-b.slice:pre:\($id)"' --arg id "$ID" --arg run mrtest
	UNIT=pre-$ID.scope
	start_idle
	expect_equal "$(property ControlGroup)" "/mrtest.slice/mrtest-b.slice/$UNIT"
	minirun delete --force "$ID"
	expect_no_unit
	systemctl stop mrtest.slice
}

@test "a name that ends in .slice is a slice" {
	make_bundle '.linux.cgroupsPath = ":pre:mrtest-c.slice"'
	UNIT=mrtest-c.slice
	start_idle
	expect_equal "$(property ControlGroup) $(property ActiveState)" "/mrtest.slice/mrtest-c.slice active"
	expect_equal "$(file_of cgroup.procs)" "$(minirun state "$ID" | jq .pid)"
	minirun delete --force "$ID"
	# systemd may still know its name.
	expect_equal "$(property ActiveState)" inactive
	systemctl stop mrtest.slice
}

@test "annotations are properties of the unit" {
	make_bundle '.annotations = {
		"org.systemd.property.TimeoutStopUSec": "uint64 5000000",
		"org.systemd.property.Documentation": "[\"man:minirun(8)\"]",
		"org.systemd.property.CollectMode": "'"'inactive'"'" }'
	start_idle
	expect_equal "$(property TimeoutStopUSec) $(property CollectMode) $(property Documentation)" \
		'5s inactive "man:minirun(8)"'
	minirun delete --force "$ID"
	expect_no_unit
	edit_config '.annotations = { "org.systemd.property.NoSuch": "true" }'
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_one_line
	expect_text "systemd at 'unix:path=/run/dbus/system_bus_socket' refuses: " NoSuch
	expect_absent "$ROOT/$ID"
	expect_no_unit
}

@test "a cgroup below that of the unit" {
	make_bundle '.annotations = { "run.oci.delegate-cgroup": "sub" }'
	start_idle
	expect_equal "$(file_of sub/cgroup.procs)" "$(minirun state "$ID" | jq .pid)"
	[[ $(file_of cgroup.subtree_control) == *memory* ]]
}

@test "a unit of somebody else's with that name stays" {
	make_bundle
	systemd-run --quiet --scope --unit "$UNIT" --description stranger sleep 1000 &
	local stranger=$!
	until [[ $(property ActiveState) == active ]]; do :; done
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_equal "$(property Description)" stranger
	systemctl stop "$UNIT"
	wait "$stranger" || true
}

@test "what a kill -9 leaves, gc removes" {
	make_bundle
	start_idle
	kill -KILL "$(minirun state "$ID" | jq .pid)"
	"$MINIRUN" --root "$ROOT" --data-root "$DATA" gc --stopped
	expect_no_unit
	expect_absent "$ROOT/$ID"
}

@test "another path than slice:prefix:name is refused" {
	make_bundle '.linux.cgroupsPath = "/a/b"'
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_one_line
	expect_text "linux.cgroupsPath: '/a/b' is not of the form slice:prefix:name (which the systemd cgroup manager needs)"
}

@test "without a bus its address and the way out are told" {
	make_bundle
	export DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nowhere/bus
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_one_line
	expect_text "cannot reach systemd at 'unix:path=/nowhere/bus': no such file or directory (start dbus.socket)"
	expect_absent "$ROOT/$ID"
}

@test "without systemd, or without the driver, the way out is told" {
	make_bundle
	MINIRUN_LIBEXEC=/nowhere run "$srcdir/tests/lib/view" v2 "$MINIRUN" --root "$ROOT" --data-root "$DATA" \
		--systemd-cgroup run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_text "this build has no systemd driver: '/nowhere/minirun-systemd' is missing (build it with libsystemd, or use --cgroup-manager cgroupfs)"
	run minirun --cgroup-manager disabled run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_text "option '--systemd-cgroup' contradicts '--cgroup-manager disabled'"
	run minirun --cgroup-manager nobody list
	expect_status 1
	expect_text "option '--cgroup-manager': 'nobody' is not cgroupfs, systemd or disabled"
	expect_absent "$ROOT/$ID"
}

# As the user `tester`, whose systemd runs; from outside its cgroup, and from inside it.
as_tester() {
	runuser -u tester -- env -u DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR=/run/user/1000 \
		MINIRUN_LIBEXEC="$MINIRUN_LIBEXEC" "$@"
}

make_tester_bundle() { # [FILTER]
	requires "there is no user 'tester'" id tester
	systemctl start user@1000.service
	machine >"$BATS_TEST_TMPDIR/machine"
	local home way=$BATS_TEST_TMPDIR
	home=$(getent passwd tester | cut -d: -f6)/$ID
	HOME_DIR=$home BUNDLE=$home/bundle
	as_tester mkdir -p "$BUNDLE"
	cp -a "$IMAGE" "$BUNDLE/rootfs"
	chown -R tester: "$BUNDLE"
	as_tester "$MINIRUN" spec --rootless --bundle "$BUNDLE"
	edit_config '.process.terminal = false | .process.args = ["sleep", "1000"] |
		.linux.resources += { memory: { limit: 67108864 }, pids: { limit: 50 } }'
	while [[ $way != / ]]; do chmod o+x "$way"; way=$(dirname "$way"); done
	chmod -R o+rX "${MINIRUN%/*}" 2>/dev/null || true
}

expect_tester_scope() { # COMMAND-BEFORE...
	local top=/user.slice/user-1000.slice/user@1000.service/user.slice
	as_tester "$@" "$MINIRUN" --systemd-cgroup run --detach --bundle "$BUNDLE" "$ID" </dev/null >"$BATS_TEST_TMPDIR/log" 2>&1 ||
		fail "$(cat "$BATS_TEST_TMPDIR/log")"
	expect_equal "$(cat "/sys/fs/cgroup$top/$UNIT/memory.max") $(cat "/sys/fs/cgroup$top/$UNIT/pids.max")" \
		"67108864 50"
	expect_equal "$(as_tester systemctl --user show --property MemoryMax --value "$UNIT")" 67108864
	run as_tester "$@" "$MINIRUN" exec "$ID" cat /proc/self/cgroup
	expect_output "0::/"
	as_tester "$@" "$MINIRUN" update --pids-limit 40 "$ID"
	expect_equal "$(as_tester systemctl --user show --property TasksMax --value "$UNIT")" 40
	as_tester "$@" "$MINIRUN" delete --force "$ID"
	expect_equal "$(as_tester systemctl --user show --property LoadState --value "$UNIT")" not-found
	rm -rf "$HOME_DIR"
}

@test "an ordinary user, from outside the cgroup of the user's systemd" {
	make_tester_bundle
	expect_tester_scope
}

@test "an ordinary user, from inside the cgroup of the user's systemd" {
	make_tester_bundle
	expect_tester_scope systemd-run --user --scope --quiet
}

@test "an ordinary user without a bus is told how to get one" {
	make_tester_bundle
	run as_tester env -u XDG_RUNTIME_DIR "$MINIRUN" --root "/tmp/$ID" --systemd-cgroup run --bundle "$BUNDLE" "$ID"
	expect_status 1
	expect_text "no bus of systemd's is known: neither DBUS_SESSION_BUS_ADDRESS nor XDG_RUNTIME_DIR is set" "loginctl enable-linger"
	rm -rf "$HOME_DIR"
}
