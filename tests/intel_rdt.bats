#!/usr/bin/env bats
# linux.intelRdt: classes and monitoring groups of resctrl. Where the processor has none, plain
# directories that the record names play them; tests/unit/test_intel_rdt.c has the rest.

load lib/bundle

RESCTRL=/sys/fs/resctrl

# The container of $ID has the class $BATS_TEST_TMPDIR/class and a monitoring group in it.
record_class() { # MADE
	mkdir -p "$BATS_TEST_TMPDIR/class/mon"
	# shellcheck disable=SC2016 # the variables are jq's
	jq '.intelRdt = { group: $class, monitor: ($class + "/mon"), made: $made }' \
		--arg class "$BATS_TEST_TMPDIR/class" --argjson made "$1" \
		"$ROOT/$ID/state.json" >"$BATS_TEST_TMPDIR/state.json"
	cat "$BATS_TEST_TMPDIR/state.json" >"$ROOT/$ID/state.json"
}

@test "a host without resctrl says so before anything is made" {
	! grep -q ' resctrl ' /proc/self/mounts || skip "this host has resctrl"
	make_bundle '.linux.intelRdt = {} | .hooks.poststop = [{ path: "/bin/false" }]'
	run run_script true
	expect_status 1
	expect_one_line
	expect_text "linux.intelRdt: this host has no resctrl file system mounted"
	expect_absent "$ROOT/$ID"
}

@test "null asks for nothing" {
	make_bundle '.linux.intelRdt = null'
	run run_script true
	expect_status 0
}

@test "the container and what is executed in it are in its class and group" {
	requires "no resctrl on this host" test -e "$RESCTRL/mon_groups"
	make_bundle '.linux.intelRdt = { enableMonitoring: true }'
	start_idle
	local pid
	pid=$(minirun state "$ID" | jq .pid)
	grep -qx "$pid" "$RESCTRL/$ID/tasks"
	grep -qx "$pid" "$RESCTRL/$ID/mon_groups/$ID/tasks"
	run minirun exec "$ID" grep . /proc/self/cpu_resctrl_groups
	expect_status 0
	expect_text "res:$ID" "mon:$ID"
	minirun delete --force "$ID"
	expect_absent "$RESCTRL/$ID"
}

@test "delete takes a class and a group away that were made for the container" {
	make_bundle
	minirun create --bundle "$BUNDLE" "$ID"
	record_class true
	minirun delete --force "$ID"
	expect_absent "$BATS_TEST_TMPDIR/class"
}

@test "delete leaves a class that was there before, without its group" {
	make_bundle
	minirun create --bundle "$BUNDLE" "$ID"
	record_class false
	minirun delete --force "$ID"
	[[ -d $BATS_TEST_TMPDIR/class ]]
	expect_absent "$BATS_TEST_TMPDIR/class/mon"
}

@test "delete again takes away what could not be before" {
	make_bundle
	minirun create --bundle "$BUNDLE" "$ID"
	record_class true
	touch "$BATS_TEST_TMPDIR/class/file"
	run minirun delete --force "$ID"
	expect_status 1
	expect_one_line
	expect_text "cannot remove '$BATS_TEST_TMPDIR/class': directory not empty"
	rm "$BATS_TEST_TMPDIR/class/file"
	minirun delete --force "$ID"
	expect_absent "$BATS_TEST_TMPDIR/class"
}

@test "exec joins the class and the group" {
	make_bundle
	start_idle
	record_class false
	touch "$BATS_TEST_TMPDIR"/class/{tasks,mon/tasks}
	run minirun exec "$ID" true
	expect_status 0
	expect_file "$BATS_TEST_TMPDIR/class/tasks" 0
	expect_file "$BATS_TEST_TMPDIR/class/mon/tasks" 0
	rm "$BATS_TEST_TMPDIR"/class/{tasks,mon/tasks}
	minirun delete --force "$ID"
}

@test "exec joins it in a user namespace, too" {
	make_bundle '.linux.namespaces += [{ type: "user" }] |
		.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
		.linux.gidMappings = .linux.uidMappings'
	start_idle
	record_class false
	touch "$BATS_TEST_TMPDIR"/class/tasks
	run minirun exec "$ID" true
	expect_status 0
	expect_file "$BATS_TEST_TMPDIR/class/tasks" 0
	rm "$BATS_TEST_TMPDIR"/class/tasks
	minirun delete --force "$ID"
}

@test "exec does without a class that the host has taken away" {
	make_bundle
	start_idle
	record_class true
	rmdir "$BATS_TEST_TMPDIR/class/mon" "$BATS_TEST_TMPDIR/class"
	run minirun exec "$ID" true
	expect_status 0
	minirun delete --force "$ID"
}
