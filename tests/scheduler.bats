#!/usr/bin/env bats
# process.scheduler and process.ioPriority, as the process itself sees them.
# shellcheck disable=SC2016

load lib/bundle

# Fields 19 (nice), 40 (real-time priority) and 41 (policy) of proc(5) stat.
fields='cut -d" " -f19,40,41 /proc/self/stat'

@test "the policy is set, for the first process and for exec" {
	make_plain_bundle '.process.scheduler = { policy: "SCHED_BATCH", nice: 5 }'
	start_idle
	run minirun exec "$ID" sh -c "$fields"
	expect_status 0
	expect_output "5 0 3"
}

@test "a nice value and flags are set" {
	make_plain_bundle '.process.scheduler = { policy: "SCHED_OTHER", nice: -3,
		flags: ["SCHED_FLAG_RESET_ON_FORK"] }'
	run run_script "exec $fields"
	expect_status 0
	expect_output "-3 0 0"
}

@test "in a user namespace it is what the host's root may set" {
	requires "no real-time policy here" chrt --fifo 1 true
	local with_user='.linux.namespaces += [{ type: "user" }] |
		.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
		.linux.gidMappings = .linux.uidMappings |
		.process.ioPriority = { class: "IOPRIO_CLASS_RT", priority: 1 }'
	make_bundle "$with_user | "'.process.scheduler = { policy: "SCHED_OTHER", nice: -3,
		flags: ["SCHED_FLAG_RESET_ON_FORK"] }'
	run run_script "ionice; exec $fields"
	expect_status 0
	expect_output $'realtime: prio 1\n-3 0 0'
	edit_config '.process.scheduler = { policy: "SCHED_OTHER", nice: -4 }'
	start_idle
	run minirun exec "$ID" sh -c "$fields"
	expect_status 0
	expect_output "-4 0 0"
}

@test "a real-time policy is set" {
	requires "no real-time policy here" chrt --fifo 1 true
	make_plain_bundle '.process.scheduler = { policy: "SCHED_FIFO", priority: 7 } |
		.process.args = ["sh", "-c", $script]' --arg script "exec $fields"
	# A cgroup v1 of its own would have no time for it.
	run minirun --cgroup-manager disabled run --bundle "$BUNDLE" "$ID"
	expect_status 0
	expect_output "0 7 1"
}

@test "what the kernel refuses is said" {
	make_plain_bundle '.process.scheduler = { policy: "SCHED_ISO" }'
	run run_script true
	expect_status 1
	expect_one_line
	expect_text "process.scheduler: cannot set the policy 'SCHED_ISO': invalid argument"
}

@test "the priority of input and output is set" {
	make_plain_bundle '.process.ioPriority = { class: "IOPRIO_CLASS_BE", priority: 6 }'
	start_idle
	run minirun exec "$ID" ionice
	expect_status 0
	expect_output "best-effort: prio 6"
}
